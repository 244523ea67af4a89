import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// Refuses unless every element of `constant` is `number`, sign of zero included, and broadcasting the
  /// constant with `variable` leaves the variable's shape as it is.
  func requireNeutral(_ constant: Constant, _ number: Double, for variable: Var) throws {
    let tensor = try self[constant]
    try require(
      tensor.uniformValue?.bitPattern == number.bitPattern, "\(constant.name) is not \(number) everywhere")
    try require(
      keepsShape(of: self[variable], combinedWith: tensor.shape),
      "broadcasting \(constant.name) may change the shape")
  }

  /// Whether broadcasting a value with something of shape `other` is known to give the value's own shape.
  func keepsShape(of value: ValueID, combinedWith other: Shape) -> Bool {
    if other.rank == 0 { return true }
    return model.shape(of: value)?.absorbs(other) ?? false
  }

  /// Whether the matched node's first output is known to have the shape of `variable`.
  func outputHasShape(of variable: Var, _ capture: Capture) throws -> Bool {
    guard let input = model.shape(of: try self[variable]), let output = try self[capture].outputShape else {
      return false
    }
    return input.isKnownEqual(to: output)
  }
}
