import PassPipeline
import Rewriting

/// Recognizes `LayerNormalization` in operator sets that lack it: ONNX Runtime has it there under the same name.
///
/// Legal for single precision before operator set 17, under the conditions of `FuseLayerNormalization`, which stands for
/// it from there on. The parts that others read stay; it refuses where none would go.
///
/// Rounding: the runtime may compute the variance as `mean(x²) − mean(x)²`. NaN and infinities spread over the same rows.
struct FuseEarlyLayerNormalization: RewriteRule {
  static let summary =
    "d / √(Mean(d²) + ε), d = x − Mean(x) → LayerNormalization(x, 1), before operator set 17"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), epsilon = Constant("epsilon"), mean = Capture("mean"), variance = Capture("variance")

    for quotient in LayerNormalizationTerms.quotients(of: x, epsilon: epsilon, mean: mean, variance: variance)
    {
      let rewrite =
        quotient => { m in
          try m.require(m.opset < 17, "the operator set has LayerNormalization")
          try m.requireSingle(x)
          let (scale, attributes) = try m.layerNormalizationParameters(
            x, epsilon: epsilon, mean: mean, variance: variance)
          // The runtime's type inference takes the attribute for given.
          return Op.LayerNormalization(
            x, scale, attributes: attributes.setting("stash_type", to: 1))
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 3, 4] x, z; const float eps = 1.0e-5; const float[4] row = {1.0e-5, 2.0e-5, 3.0e-5, 4.0e-5}; \
    double[N, 3, 4] wide
    """

  static let examples: [Example] = [
    .rewrites(
      """
      m = ReduceMean<axes = [-1]>(x); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); \
      r = Sqrt(s); y = Div(d, r)
      """, to: "y = LayerNormalization<axis = -1, epsilon = 1.0e-5, stash_type = 1>(x, one)", opset: 11),
    .rewrites(
      """
      m = ReduceMean<axes = [-2, -1]>(x); d = Sub(x, m); p = Mul(d, d); v = ReduceMean<axes = [1, 2]>(p); \
      s = Add(v, eps); r = Sqrt(s); i = Reciprocal(r); y = Mul(i, d)
      """, to: "y = LayerNormalization<axis = -2, epsilon = 1.0e-5, stash_type = 1>(x, one)", opset: 16),
    .keeps(
      """
      m = ReduceMean<axes = [-1]>(x); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); \
      r = Sqrt(s); y = Div(d, r)
      """, because: "the operator set has LayerNormalization", opset: 17),
    .keeps(
      """
      m = ReduceMean<axes = [-1]>(x); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, row); \
      r = Sqrt(s); y = Div(d, r)
      """, because: "ε is not one number", opset: 13),
    .keeps(
      """
      m = ReduceMean<axes = [-1]>(z); d = Sub(x, m); p = Pow(d, 2.0); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); \
      r = Sqrt(s); y = Div(d, r)
      """, because: "the mean is another value's", opset: 13),
    .keeps(
      """
      m = ReduceMean<axes = [-1]>(wide); d = Sub(wide, m); p = Mul(d, d); v = ReduceMean<axes = [-1]>(p); \
      s = Add(v, double {1.0e-5}); r = Sqrt(s); y = Div(d, r)
      """, because: "the runtime's kernel is one for single precision", opset: 13),
  ]
}
