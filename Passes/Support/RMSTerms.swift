import Rewriting
import TensorCore

/// The ways in which exporters write the division by the root of the mean square in parts.
enum RMSTerms {
  /// `x / √(mean(x²) + ε)`, where x² is a power or a product, and the quotient is one or a product with a reciprocal.
  static func quotients(of x: Var, epsilon: Constant, mean: Capture) -> [Term] {
    let square = Op.Pow(x, 2.0).or(Op.Mul(x, x))
    let sum = Op.Add(Op.ReduceMean(square, Variadic("axes"), as: mean), epsilon).commuting
    let root = Op.Sqrt(sum).or(Op.Pow(sum, 0.5))
    let reciprocal = Op.Reciprocal(root).or(Op.Div(1.0, root)).or(Op.Pow(sum, -0.5))
    return [Op.Div(x, root), Op.Mul(x, reciprocal).commuting]
  }
}

extension Match {
  /// A scale of ones and the attributes of the operator that stands for `RMSTerms.quotients`.
  /// - Throws: `MatchFailure` where the mean is not over last axes of known sizes, the statistics would lose digits, or
  ///   the result has another shape than x.
  func rmsParameters(_ x: Var, epsilon: Constant, mean: Capture) throws -> (Tensor, AttributeList) {
    try requireSingleStatistics(x)
    let axis = try trailingAxis(of: mean, rank: rank(of: x))
    try requireShapeOfRoot(is: x)
    let scale = try Tensor.ones(elementType(of: x), sizes(of: x, from: axis))
    return try (scale, ["axis": AttributeLiteral(axis), "epsilon": floatAttribute(epsilon)])
  }
}
