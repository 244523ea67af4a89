import GraphIR

extension Model {
  /// Whether the value is a Gaussian error linear unit that an exporter wrote in parts,
  /// `x · (1 + erf(x / √2)) · ½` or the same with tanh, and its producer the multiplication by ½.
  ///
  /// Runtimes know it by these parts and compute it as one operator, several times as fast. A rule that moves the ½ into
  /// weights saves a node of the file, and costs that.
  func isGeluInParts(_ value: ValueID) -> Bool {
    guard let (product, half) = constantOperand(of: "Mul", giving: value), half == 0.5,
      let node = producer(of: product), operatorName(of: node) == OperatorName("Mul")
    else { return false }
    return [0, 1].contains { index in input(index, of: node).map(isGate) ?? false }
  }

  /// `1 + erf(…)`, `1 + tanh(…)`.
  private func isGate(_ value: ValueID) -> Bool {
    guard let (function, one) = constantOperand(of: "Add", giving: value), one == 1,
      let node = producer(of: function)
    else { return false }
    return operatorName(of: node) == OperatorName("Erf") || operatorName(of: node) == OperatorName("Tanh")
  }

  /// What such an operator combines with one number, and that number.
  private func constantOperand(of name: String, giving value: ValueID) -> (operand: ValueID, number: Double)?
  {
    guard let node = producer(of: value), operatorName(of: node) == OperatorName(name),
      let left = input(0, of: node), let right = input(1, of: node)
    else { return nil }
    let operand = constant(right) == nil ? right : left
    guard let tensor = constant(operand == right ? left : right), tensor.elementCount == 1,
      tensor.elementType.isFloatingPoint, let number = tensor.uniformValue
    else { return nil }
    return (operand: operand, number: number)
  }
}
