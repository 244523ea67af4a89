import GraphIR
import Rewriting
import TensorCore

extension ElementType {
  /// The distance between 1 and the next number; nil for types that are no floating point of 16 bits and more.
  var unitInLastPlace: Double? {
    switch self {
    case .float64: 0x1p-52
    case .float32: 0x1p-23
    case .bfloat16: 0x1p-7
    case .float16: 0x1p-10
    default: nil
    }
  }
}

extension Match {
  /// Whether every element of `constant` is `number` as its type can hold it: programs write √2 as 1.4142135, and
  /// round the last digit up or down.
  func isAbout(_ constant: Constant, _ number: Double) throws -> Bool {
    let tensor = try self[constant]
    guard let value = tensor.uniformValue, let unit = tensor.elementType.unitInLastPlace else { return false }
    return abs(value - number) <= abs(number) * unit
  }

  /// - Throws: `MatchFailure` unless the constant holds only `number`, up to its last digit.
  func requireAbout(_ constant: Constant, _ number: Double) throws {
    try require(isAbout(constant, number), "\(constant.name) is not \(number)")
  }

  /// A constant that holds one number, which a float attribute can hold.
  func floatAttribute(_ constant: Constant) throws -> AttributeLiteral {
    let value = try unwrap(self[constant].uniformValue, "\(constant.name) is not one number")
    try require(Double(Float(value)) == value, "\(constant.name) is no 32-bit number")
    return AttributeLiteral(AttributeValue.float(Float(value)))
  }

  /// - Throws: `MatchFailure` where a constant within the pattern may give the root another shape than that of
  ///   `variable`.
  func requireShapeOfRoot(is variable: Var) throws {
    let root = try unwrap(model.shape(of: model.outputs(of: root)[0]), "the result's shape is unknown")
    try require(shape(of: variable).isKnownEqual(to: root), "a constant changes the shape")
  }
}
