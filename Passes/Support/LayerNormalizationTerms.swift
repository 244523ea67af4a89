import Rewriting
import TensorCore

/// The ways in which exporters write the normalization to mean 0 and variance 1 in parts.
enum LayerNormalizationTerms {
  /// `d / √(mean(d²) + ε)` with `d = x − mean(x)`, where d² is a power or a product, and the quotient is one or a
  /// product with a reciprocal.
  static func quotients(of x: Var, epsilon: Constant, mean: Capture, variance: Capture) -> [Term] {
    let deviation = Op.Sub(x, Op.ReduceMean(x, Variadic("axes"), as: mean))
    let square = Op.Pow(deviation, 2.0).or(Op.Mul(deviation, deviation))
    let sum = Op.Add(Op.ReduceMean(square, Variadic("others"), as: variance), epsilon).commuting
    let root = Op.Sqrt(sum).or(Op.Pow(sum, 0.5))
    let reciprocal = Op.Reciprocal(root).or(Op.Div(1.0, root)).or(Op.Pow(sum, -0.5))
    return [Op.Div(deviation, root), Op.Mul(deviation, reciprocal).commuting]
  }
}

extension Match {
  /// A scale of ones and the attributes of the operator that stands for `LayerNormalizationTerms.quotients`.
  /// - Throws: `MatchFailure` where the means are not over the same last axes of known sizes, the statistics would lose
  ///   digits, or the result has another shape than x.
  func layerNormalizationParameters(
    _ x: Var, epsilon: Constant, mean: Capture, variance: Capture
  ) throws -> (Tensor, AttributeList) {
    try requireSingleStatistics(x)
    let rank = try rank(of: x)
    let axis = try trailingAxis(of: mean, rank: rank)
    try require(trailingAxis(of: variance, rank: rank) == axis, "the means are over different axes")
    try requireShapeOfRoot(is: x)
    let scale = try Tensor.ones(elementType(of: x), sizes(of: x, from: axis))
    return try (scale, ["axis": AttributeLiteral(axis), "epsilon": floatAttribute(epsilon)])
  }
}
