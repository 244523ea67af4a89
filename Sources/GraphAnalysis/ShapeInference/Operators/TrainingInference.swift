import GraphIR
import TensorCore

/// Steps of optimizers (`ai.onnx.preview.training`). After the rate and the count of steps come n tensors, their
/// n gradients, and n of each of the optimizer's states; the new tensors and states keep their types.
enum TrainingInference {
  static let operators: [String: InferenceFunction] = [
    "Adagrad": { step($0, states: 1) }, "Momentum": { step($0, states: 1) },
    "Adam": { step($0, states: 2) }, "Gradient": gradient,
  ]

  private static func step(_ node: InferenceContext, states: Int) -> [ValueType?] {
    let count = (node.inputs.count - 2) / (states + 2)
    guard count > 0, node.inputs.count == 2 + count * (states + 2) else { return [] }
    let kept = (0..<count).map { 2 + $0 } + (0..<states * count).map { 2 + 2 * count + $0 }
    return kept.flatMap { node.same(as: $0) }
  }

  /// One for each of the inputs that `xs` names; those of `zs` follow them.
  @Sendable private static func gradient(_ node: InferenceContext) -> [ValueType?] {
    guard case .strings(let names)? = node.own("xs"), names.count <= node.inputs.count else { return [] }
    return names.indices.flatMap { node.same(as: $0) }
  }
}
