import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Makes constants of targets of `Reshape` that are computed, where inference knows what comes out: exporters
/// write `Reshape(x, Concat(Gather(Shape(x), 0), -1))` for what is `{0, -1}`.
///
/// A size that is known stands for itself, one that is the input's along the same axis is 0, and one other is −1.
/// Where 0 and −1 stand together, −1 is undefined if a copied size is 0 when the model runs. That is allowed
/// 1. where the computed target has −1 at the same place, so that it is undefined for the same inputs, or
/// 2. where the copied sizes are positive in every run in which the model does not fail (`PositiveSizes`).
struct ResolveReshapeTargets: Pass {
  static let summary = "Reshape(x, computed) → Reshape(x, constant)"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for (node, entries) in Self.resolved(in: model) {
      try model.edit(as: Self.name) { rewriter in
        guard let operand = rewriter.model.operands(of: node).dropFirst().first else { return }
        let old = rewriter.model.input(1, of: node).flatMap { rewriter.model.producer(of: $0) }
        let target = rewriter.addConstant(try Tensor(int64: entries), in: rewriter.model.graph(of: node))
        rewriter.set(operand, to: target)
        let attributes = rewriter.model.attributes(of: node).filter { $0.name != "allowzero" }
        rewriter.setAttributes(of: node, to: attributes)
        if let old { rewriter.eraseIfDead(old) }
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func resolved(in model: Model) -> [(node: NodeID, entries: [Int])] {
    let nodes = model.allNodes.filter { node in
      model.operatorName(of: node) == OperatorName("Reshape")
        && model.input(1, of: node).map { model.constant($0) == nil } == true
    }
    guard !nodes.isEmpty else { return [] }
    let values = SymbolicValues(of: model)
    let positive = PositiveSizes(of: model, values)
    return nodes.compactMap { node in
      ReshapeTarget(of: node, in: model, values)?.entries(positive).map { (node: node, entries: $0) }
    }
  }

  static let given = "float[N, 4, 3] x; int64[2] s; float[N, M, 4] m; const int64[2] flat = {-1, 4}"

  static let examples: [Example] = [
    .rewrites(
      "s = Shape(x); d = Gather(s, {0}); t = Concat<axis = 0>(d, {12}); y = Reshape(x, t)",
      to: "y = Reshape(x, {0, 12})"),
    .rewrites(
      "s = Shape(m); d = Gather(s, {1, 0}); t = Concat<axis = 0>(d, {-1}); y = Reshape(m, t)",
      to: "y = Reshape(m, s_1)", given: "float[N, 2, 4] m"),
    .rewrites(
      "s = Shape(m); d = Gather(s, {0}); t = Concat<axis = 0>(d, {-1}); y = Reshape(m, t)",
      to: "y = Reshape(m, {0, -1})"),
    .rewrites(
      "h = Reshape(m, {0, 0, 2, -1}); s = Shape(m); d = Gather(s, {0}); e = Gather(s, {1}); f = Mul(e, {4}); t = Concat<axis = 0>(d, f); y = Reshape(h, t)",
      to: "h = Reshape(m, {0, 0, 2, -1}); y = Reshape(h, {0, -1})"),
    .keeps("y = Reshape(x, {0, -1})", because: "the target is a constant"),
    .keeps("s = Shape(m); d = Gather(s, {1, 0, 2}); y = Reshape(m, d)", because: "two sizes change places"),
    .keeps(
      "s = Shape(m); d = Gather(s, {0}); e = Gather(s, {1}); f = Mul(e, {4}); t = Concat<axis = 0>(d, f); y = Reshape(m, t)",
      because: "a copied size may be 0"),
    .keeps("y = Reshape(x, s)", because: "the shape is unknown", execution: .skipped),
  ]
}

/// What is known of the computed target of one `Reshape`.
private struct ReshapeTarget {
  /// What the target holds: sizes, 0 and −1.
  let asked: [Dimension]
  let result: Shape
  let input: Shape?

  init?(of node: NodeID, in model: Model, _ values: SymbolicValues) {
    guard let x = model.input(0, of: node), let target = model.input(1, of: node),
      let result = model.output(0, of: node).flatMap({ model.shape(of: $0) })
    else { return nil }
    let unknown = [Dimension](repeating: .unknown, count: result.rank)
    asked = values.elements(of: target, in: model) ?? unknown
    self.result = result
    input = model.shape(of: x)
    guard asked.count == result.rank else { return nil }
    // With allowzero, a literal 0 is a size.
    if asked.contains(0), model.attribute("allowzero", of: node)?.int ?? 0 != 0 { return nil }
  }

  /// The constant target that does the same; nil where there is none.
  func entries(_ positive: PositiveSizes) -> [Int]? {
    var entries: [Int] = []
    for axis in result.dimensions.indices {
      guard let entry = entry(axis) else { return nil }
      entries.append(entry)
    }
    guard let open = entries.firstIndex(of: -1) else { return entries }
    guard !entries[(open + 1)...].contains(-1) else { return nil }
    if asked[open] == -1 { return entries }
    let copied = entries.indices.filter { entries[$0] == 0 }
    return copied.allSatisfy { positive.contains(result[$0]) } ? entries : nil
  }

  private func entry(_ axis: Int) -> Int? {
    let size = result[axis]
    if let fixed = size.fixedSize { return fixed > 0 ? fixed : nil }
    if asked[axis] == 0 { return 0 }
    if let input, axis < input.rank, input[axis].isKnownEqual(to: size) { return 0 }
    return -1
  }
}
