import Rewriting

/// The ways in which exporters write the Gaussian error linear unit in parts, for rules that give one operator or
/// another for it.
enum GeluTerms {
  /// `½ · x · (1 + erf(x / √2))`, wherever the ½ stands.
  /// - Parameters:
  ///   - root: √2, or its reciprocal where `quotient` is a product.
  static func withError(of x: Var, root: Constant, quotient: Capture) -> [Term] {
    let half = 0.5
    let scaled = Op.Mul(x, root, as: quotient).commuting.or(Op.Div(x, root, as: quotient))
    let sum = Op.Add(Op.Erf(scaled), 1.0).commuting
    return [
      Op.Mul(Op.Mul(x, sum).commuting, half).commuting,
      Op.Mul(Op.Mul(x, half).commuting, sum).commuting,
      Op.Mul(x, Op.Mul(sum, half).commuting).commuting,
      Op.Mul(x, Op.Add(Op.Mul(Op.Erf(scaled), half).commuting, half).commuting).commuting,
    ]
  }

  /// `½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))`, where the cube is `Pow(x, 3)` or a product, and x may be
  /// factored out of the polynomial.
  static func withTangent(of x: Var, root: Constant, factor: Constant) -> [Term] {
    let half = 0.5
    let square = Op.Pow(x, 2.0).or(Op.Mul(x, x))
    let cube = Op.Pow(x, 3.0).or(Op.Mul(x, square).commuting)
    let sum = Op.Add(
      x, Op.Mul(cube, factor).commuting.or(Op.Mul(x, Op.Mul(square, factor).commuting).commuting))
    let series = Op.Add(Op.Mul(square, factor).commuting, 1.0).commuting
    return [
      Op.Mul(sum.commuting, root).commuting,
      Op.Mul(Op.Mul(x, root).commuting, series).commuting,
      Op.Mul(Op.Mul(x, series).commuting, root).commuting,
    ].flatMap { argument in
      let gate = Op.Add(Op.Tanh(argument), 1.0).commuting
      return [
        Op.Mul(Op.Mul(x, gate).commuting, half).commuting,
        Op.Mul(Op.Mul(x, half).commuting, gate).commuting,
        Op.Mul(x, Op.Mul(gate, half).commuting).commuting,
      ]
    }
  }
}

extension Match {
  /// - Throws: `MatchFailure` unless `root` is what makes x / √2 of x.
  func requireRootOfTwo(_ root: Constant, _ quotient: Capture) throws {
    let isQuotient = try self[quotient].op.name == "Div"
    try requireAbout(root, isQuotient ? 2.0.squareRoot() : 0.5.squareRoot())
  }

  /// - Throws: `MatchFailure` unless the constants are √(2/π) and 0.044715.
  func requireTangentConstants(root: Constant, factor: Constant) throws {
    try requireAbout(factor, 0.044715)
    try requireAbout(root, (2 / Double.pi).squareRoot())
  }
}
