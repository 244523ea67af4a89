import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Stores with each value the type and shape that follow from the graph's inputs and weights. Other passes
/// read them; where a shape is not known, they leave the graph alone.
struct InferShapes: Pass {
  static let summary = "adds the types and shapes that can be inferred"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    ShapeInference.run(on: &model)
  }

  static let given = "float[N, 4] x"

  static let examples: [Example] = [
    .keeps("h = Relu(x); y = Sigmoid(h)", because: "types are no part of the graph's meaning")
  ]
}
