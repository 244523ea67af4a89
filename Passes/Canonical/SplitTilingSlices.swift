import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Splits a value at once where several `Slice` take ranges that together are one of its axes.
///
/// Legal where bounds and the axis's size are known, ranges neither overlap nor leave anything out, and all
/// slices are in one graph.
struct SplitTilingSlices: Pass {
  static let summary = "x[:a], x[a:] → Split(x)"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for graph in model.allGraphs {
      // The source of one may be a slice of another, which is gone then: it is found again.
      for tiling in Self.tilings(in: graph, of: model) where !model.isErased(tiling.source) {
        try Self.replace(tiling, in: &model)
      }
    }
  }

  private struct Tiling {
    var source: ValueID
    var axis: Int
    /// In order along the axis.
    var parts: [(node: NodeID, size: Int)]
    /// The one that stands first in the graph.
    var first: NodeID
  }

  /// A slice of one axis.
  private struct Range: Hashable {
    var source: ValueID
    var axis: Int
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func tilings(in graph: GraphID, of model: Model) -> [Tiling] {
    var slices: [Range: [(node: NodeID, start: Int, end: Int)]] = [:]
    var keys: [Range] = []
    for node in model.nodes(of: graph) where model.operatorName(of: node) == OperatorName("Slice") {
      let match = Match(looking: node, in: model)
      guard let output = model.output(0, of: node), let part = try? match.axisPart(of: output),
        let start = part.indices.first, let last = part.indices.last, last - start == part.indices.count - 1
      else { continue }
      let key = Range(source: part.source, axis: part.axis)
      if slices[key] == nil { keys.append(key) }
      slices[key, default: []].append((node: node, start: start, end: last + 1))
    }
    return keys.compactMap { key in
      guard let found = slices[key], found.count > 1,
        let size = model.shape(of: key.source)?[key.axis].fixedSize
      else { return nil }
      let sorted = found.sorted { $0.start < $1.start }
      let isTiling =
        sorted[0].start == 0 && sorted[sorted.count - 1].end == size
        && zip(sorted, sorted.dropFirst()).allSatisfy { $0.end == $1.start }
      guard isTiling else { return nil }
      return Tiling(
        source: key.source, axis: key.axis, parts: sorted.map { (node: $0.node, size: $0.end - $0.start) },
        first: found[0].node)
    }
  }

  private static func replace(_ tiling: Tiling, in model: inout Model) throws {
    let graph = model.graph(of: tiling.first)
    guard let opset = model.opset("", in: graph) else { return }
    try model.edit(as: name) { rewriter in
      let sizes = tiling.parts.map(\.size)
      var attributes = [Attribute("axis", .int(Int64(tiling.axis)))]
      var inputs: [ValueID?] = [tiling.source]
      if opset < 13 {
        attributes.append(Attribute("split", .ints(sizes.map(Int64.init))))
      } else {
        inputs.append(rewriter.addConstant(try Tensor(int64: sizes), in: graph))
      }
      let olds = tiling.parts.compactMap { rewriter.model.output(0, of: $0.node) }
      let split = rewriter.insert(
        OperatorName("Split"), inputs: inputs, outputs: olds.map { rewriter.model.type(of: $0) },
        attributes: attributes, before: tiling.first)
      for (old, new) in zip(olds, rewriter.model.outputs(of: split)) {
        try rewriter.replaceAllUses(of: old, with: new)
      }
      for part in tiling.parts { rewriter.eraseIfDead(part.node) }
    }
  }

  static let given = """
    float[N, 4, 3] x; const int64[1] zero = {0}; const int64[1] one = {1}; const int64[1] two = {2}; \
    const int64[1] end = {9223372036854775807}; float[N, M, 3] u
    """

  static let examples: [Example] = [
    .rewrites(
      "a = Slice(x, one, end, one); b = Slice(x, zero, one, one); y = Neg(a); z = Relu(b)",
      to: "b, a = Split<axis = 1>(x, {1, 3}); y = Neg(a); z = Relu(b)"),
    .keeps(
      "a = Slice(x, two, end, one); b = Slice(x, zero, one, one); y = Neg(a); z = Relu(b)",
      because: "something is left out"),
    .keeps(
      "a = Slice(x, one, end, one); b = Slice(x, zero, two, one); y = Neg(a); z = Relu(b)",
      because: "they overlap"),
    .keeps(
      "a = Slice(u, one, end, one); b = Slice(u, zero, one, one); y = Neg(a); z = Relu(b)",
      because: "the size is unknown"),
    .keeps("a = Slice(x, zero, two, one); y = Neg(a)", because: "there is one"),
  ]
}
