import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `RMSNormalization` without scale: `x / √(mean(x²) + ε)`, where x² is a power or a product, and the
/// quotient is one or a product with a reciprocal. `FuseNormalizationScale` takes in the scale that follows.
///
/// Legal from operator set 23 on, where the mean is over the last axes, their sizes are known, and the statistics
/// are in single precision or less. The parts that others read stay; it refuses where none would go.
///
/// Rounding: half-precision statistics are in single precision, which may keep sums finite that overflow in the
/// parts. NaN and infinities spread over the same rows.
struct FuseRMSNormalization: RewriteRule {
  static let summary = "x / √(Mean(x²) + ε) → RMSNormalization(x, 1)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), epsilon = Constant("epsilon"), mean = Capture("mean")

    for quotient in RMSTerms.quotients(of: x, epsilon: epsilon, mean: mean) {
      let rewrite =
        quotient => { m in
          let (scale, attributes) = try m.rmsParameters(x, epsilon: epsilon, mean: mean)
          return Op.RMSNormalization(x, scale, attributes: attributes)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 3, 4] x, z; const float eps = 1.0e-6; const float[4] row = {1.0e-5, 2.0e-5, 3.0e-5, 4.0e-5}
    """

  static let examples: [Example] = [
    .rewrites(
      """
      p = Pow(x, 2.0); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); i = Reciprocal(r); y = Mul(x, i)
      """, to: "y = RMSNormalization<axis = -1, epsilon = 1.0e-6>(x, one)", opset: 23),
    .rewrites(
      "p = Mul(x, x); v = ReduceMean(p, {1, 2}); s = Add(v, eps); r = Sqrt(s); y = Div(x, r)",
      to: "y = RMSNormalization<axis = -2, epsilon = 1.0e-6>(x, one)", opset: 23),
    .keeps(
      "p = Mul(x, x); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(x, r)",
      because: "RMSNormalization is not in the operator set that the model imports", opset: 22),
    .keeps(
      "p = Mul(x, x); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(z, r)",
      because: "another value is scaled", opset: 23),
    .keeps(
      "p = Mul(x, x); v = ReduceMean(p, {1}); s = Add(v, eps); r = Sqrt(s); y = Div(x, r)",
      because: "the axis is not the last one", opset: 23),
    .keeps(
      "p = Mul(x, x); v = ReduceMean(p, {-1}); s = Add(v, row); r = Sqrt(s); y = Div(x, r)",
      because: "ε is not one number", opset: 23),
    .keeps(
      "p = Mul(x, x); v = ReduceMean<keepdims = 0>(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(z, r)",
      because: "the mean's axis is dropped", given: "float[3, 3] x; float[3, 3] z; const float eps = 1.0e-6",
      opset: 23),
  ]
}
