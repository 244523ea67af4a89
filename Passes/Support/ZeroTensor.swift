import GraphIR
import TensorCore

/// Finds tensors that are 0 throughout whatever their size, which only the run may tell.
enum ZeroTensor {
  /// Operators whose results have elements of their first input only, as they are or in another type.
  private static let rearranging: Set<String> = [
    "Cast", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split", "Squeeze", "Tile",
    "Transpose",
    "Unsqueeze",
  ]

  /// Whether every element is +0. False also where that is not found out.
  static func isZero(_ value: ValueID, in model: Model) -> Bool { isZero(value, in: model, depth: 0) }

  private static func isZero(_ value: ValueID, in model: Model, depth: Int) -> Bool {
    if let tensor = model.constant(value) { return tensor.uniformValue?.bitPattern == 0 }
    guard depth < 16, let node = model.producer(of: value) else { return false }
    let op = model.operatorName(of: node)
    guard op.isStandard else { return false }
    let inputs = model.inputs(of: node)
    switch op.name {
    case "ConstantOfShape":
      guard let filling = model.attribute("value", of: node) else { return true }
      return filling.tensor?.uniformValue?.bitPattern == 0
    case "Concat":
      return !inputs.isEmpty
        && inputs.allSatisfy { $0.map { isZero($0, in: model, depth: depth + 1) } ?? false }
    case _ where rearranging.contains(op.name):
      return inputs.first.flatMap { $0 }.map { isZero($0, in: model, depth: depth + 1) } ?? false
    default: return false
    }
  }
}
