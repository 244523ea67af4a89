import GraphIR
import TensorCore

/// Losses: a number, or with `reduction` "none" one for each target.
enum LossInference {
  static let operators: [String: InferenceFunction] = [
    "NegativeLogLikelihoodLoss": { loss($0) },
    "SoftmaxCrossEntropyLoss": { loss($0) + $0.same(as: 0) },
  ]

  private static func loss(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.string("reduction") == "none" ? node.shape(1) : .scalar)
  }
}
