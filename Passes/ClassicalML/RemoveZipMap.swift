import GraphIR
import PassPipeline
import Rewriting

/// Lets a graph return the tensor of probabilities instead of a list of maps from labels to them, which `ZipMap` makes
/// row by row. Only the column tells then which label a probability belongs to.
///
/// This changes the type of an output, so it is no part of the exact pipeline: ask for it by name where callers can
/// read the tensor.
struct RemoveZipMap: Pass {
  static let summary = "graph output ZipMap(x) → graph output x, a tensor"
  static let exactness = Exactness.approximate

  func run(on model: inout Model, in context: inout PassContext) throws {
    for graph in model.allGraphs where model.parent(of: graph) == nil {
      let sources = Self.sources(of: graph, in: model)
      guard sources.contains(where: { $0.zipMap != nil }) else { continue }
      model.edit(as: Self.name) { rewriter in
        rewriter.setOutputs(of: graph, to: sources.map { (name: $0.name, value: $0.value) })
        for node in sources.compactMap(\.zipMap) { rewriter.eraseIfDead(node) }
      }
    }
  }

  private struct Source {
    var name: String
    var value: ValueID
    var zipMap: NodeID?
  }

  /// What each output is without its `ZipMap`. Inputs, constants and what is returned already stay behind theirs, since
  /// an output needs a value of its own.
  @inline(never)
  private static func sources(of graph: GraphID, in model: Model) -> [Source] {
    zip(model.outputNames(of: graph), model.outputs(of: graph)).map { name, value in
      guard let node = model.producer(of: value),
        model.operatorName(of: node) == OperatorName("ZipMap", domain: "ai.onnx.ml"),
        let tensor = model.input(0, of: node), let producer = model.producer(of: tensor),
        model.graph(of: producer) == graph, !model.isGraphOutput(tensor)
      else { return Source(name: name, value: value) }
      return Source(name: name, value: tensor, zipMap: node)
    }
  }

  static let given = "float[N, 2] x"

  static let examples: [Example] = [
    .rewrites(
      "h = Softmax(x); y = \"ai.onnx.ml\".ZipMap<classlabels_int64s = [3, 4]>(h)", to: "y = Softmax(x)",
      execution: .skipped),
    .keeps(
      "y = \"ai.onnx.ml\".ZipMap<classlabels_int64s = [3, 4]>(x)", because: "an input is no output",
      execution: .skipped),
  ]
}
