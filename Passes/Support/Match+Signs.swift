import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// Whether no element is negative, by the operator that gives the value: NaN may be among them, and −0.
  func isNonNegative(_ value: ValueID) -> Bool { isNonNegative(value, depth: 0) }

  private func isNonNegative(_ value: ValueID, depth: Int) -> Bool {
    if let tensor = model.constant(value) { return (tensor.uniformValue ?? -1) >= 0 }
    guard depth < 8, let node = producer(of: value), node.op.isStandard else { return false }
    switch node.op.name {
    case "Relu", "Sigmoid", "HardSigmoid", "Softmax", "Abs", "Exp", "Sqrt", "Softplus": return true
    case "Clip": return (try? node.float("min")).map { $0 >= 0 } ?? false
    case "MaxPool", "Transpose", "Reshape", "Identity", "Slice", "Squeeze", "Unsqueeze", "Flatten":
      return node.inputs.first.flatMap { $0 }.map { isNonNegative($0, depth: depth + 1) } ?? false
    case "Add", "Mul", "Concat", "Max":
      return node.inputs.allSatisfy { $0.map { isNonNegative($0, depth: depth + 1) } ?? false }
    default: return false
    }
  }
}
