import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `LayerNormalization` without scale and bias: `d / √(mean(d²) + ε)` with `d = x − mean(x)`, where d² is
/// a power or a product, and the quotient is one or a product with a reciprocal. `FuseNormalizationScale` and
/// `FuseNormalizationBias` take in what follows.
///
/// Legal from operator set 17 on, where both means are over the same last axes, their sizes are known, and the
/// statistics are in single precision or less. The parts that others read stay; it refuses where none would go.
///
/// Rounding: the runtime may compute the variance as `mean(x²) − mean(x)²`, and half-precision statistics in single
/// precision, which may keep sums finite that overflow in the parts. NaN and infinities spread over the same rows.
struct FuseLayerNormalization: RewriteRule {
  static let summary = "d / √(Mean(d²) + ε), d = x − Mean(x) → LayerNormalization(x, 1)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), epsilon = Constant("epsilon"), mean = Capture("mean"), variance = Capture("variance")

    for quotient in LayerNormalizationTerms.quotients(of: x, epsilon: epsilon, mean: mean, variance: variance)
    {
      let rewrite =
        quotient => { m in
          try m.require(m.opset >= 17, "LayerNormalization is not in the operator set that the model imports")
          let (scale, attributes) = try m.layerNormalizationParameters(
            x, epsilon: epsilon, mean: mean, variance: variance)
          return Op.LayerNormalization(x, scale, attributes: attributes)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 3, 4] x; const float eps = 1.0e-5; const float[4] row = {1.0e-5, 2.0e-5, 3.0e-5, 4.0e-5}; \
    float[N, 3, M] u; double[N, 3, 4] wide
    """

  static let examples: [Example] = [
    .rewrites(
      """
      m = ReduceMean<axes = [-1]>(x); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); \
      r = Sqrt(s); y = Div(d, r)
      """, to: "y = LayerNormalization<axis = -1, epsilon = 1.0e-5>(x, one)", opset: 17),
    .rewrites(
      """
      m = ReduceMean(x, {2}); d = Sub(x, m); p = Mul(d, d); v = ReduceMean(p, {-1}); s = Add(eps, v); r = Sqrt(s); \
      i = Reciprocal(r); y = Mul(i, d)
      """, to: "y = LayerNormalization<axis = -1, epsilon = 1.0e-5>(x, one)"),
    .rewrites(
      """
      m = ReduceMean(x, {1, 2}); d = Sub(x, m); p = Mul(d, d); v = ReduceMean(p, {1, 2}); s = Add(eps, v); \
      r = Pow(s, -0.5); y = Mul(d, r)
      """, to: "y = LayerNormalization<axis = -2, epsilon = 1.0e-5>(x, one)"),
    .keeps(
      """
      m = ReduceMean<axes = [-1]>(x); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); \
      r = Sqrt(s); y = Div(d, r)
      """, because: "LayerNormalization is not in the operator set that the model imports", opset: 16),
    .keeps(
      """
      m = ReduceMean(x, {-1}); d = Sub(x, m); p = Mul(d, d); v = ReduceMean(p, {1, 2}); s = Add(v, eps); r = Sqrt(s); \
      y = Div(d, r)
      """, because: "the means are over different axes"),
    .keeps(
      """
      m = ReduceMean(x, {1}); d = Sub(x, m); p = Mul(d, d); v = ReduceMean(p, {1}); s = Add(v, eps); r = Sqrt(s); \
      y = Div(d, r)
      """, because: "the axis is not the last one"),
    .keeps(
      """
      m = ReduceMean(u, {-1}); d = Sub(u, m); p = Mul(d, d); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); \
      y = Div(d, r)
      """, because: "the scale's size is unknown"),
    .keeps(
      """
      m = ReduceMean(x, {-1}); d = Sub(x, m); p = Mul(d, d); v = ReduceMean(p, {-1}); s = Add(v, row); r = Sqrt(s); \
      y = Div(d, r)
      """, because: "ε is not one number"),
    .keeps(
      """
      m = ReduceMean(wide, {-1}); e = Sub(wide, m); p = Mul(e, e); v = ReduceMean(p, {-1}); s = Add(v, double {1.0e-5}); \
      r = Sqrt(s); y = Div(e, r)
      """, because: "statistics would be in single precision"),
  ]
}
