import PassPipeline
import Rewriting

/// Recognizes `RMSNormalization` without scale in operator sets that lack it: `x / √(mean(x²) + ε)`, under the name that
/// ONNX Runtime has for it among the standard's operators.
///
/// Legal for single and half precision before operator set 23, under the conditions of `FuseRMSNormalization`, which
/// stands for it from there on. The parts that others read stay; it refuses where none would go.
///
/// Rounding: half-precision statistics are in single precision. NaN and infinities spread over the same rows.
struct FuseSimplifiedLayerNormalization: RewriteRule {
  static let summary = "x / √(Mean(x²) + ε) → SimplifiedLayerNormalization(x, 1)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), epsilon = Constant("epsilon"), mean = Capture("mean")

    for quotient in RMSTerms.quotients(of: x, epsilon: epsilon, mean: mean) {
      let rewrite =
        quotient => { m in
          try m.require(m.opset < 23, "the operator set has RMSNormalization")
          try m.requireHalfOrSingle(x)
          let (scale, attributes) = try m.rmsParameters(x, epsilon: epsilon, mean: mean)
          // The runtime's type inference takes the attribute for given.
          return Op.SimplifiedLayerNormalization(
            x, scale, attributes: attributes.setting("stash_type", to: 1))
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 3, 4] x, z; const float eps = 1.0e-6; const float[4] row = {1.0e-5, 2.0e-5, 3.0e-5, 4.0e-5}
    """

  static let examples: [Example] = [
    .rewrites(
      "p = Pow(x, 2.0); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(x, r)",
      to: "y = SimplifiedLayerNormalization<axis = -1, epsilon = 1.0e-6, stash_type = 1>(x, one)"),
    .rewrites(
      """
      p = Mul(x, x); v = ReduceMean<axes = [-1]>(p); s = Add(v, eps); r = Sqrt(s); i = Reciprocal(r); y = Mul(x, i)
      """, to: "y = SimplifiedLayerNormalization<axis = -1, epsilon = 1.0e-6, stash_type = 1>(x, one)",
      opset: 17),
    .keeps(
      "p = Pow(x, 2.0); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(x, r)",
      because: "the operator set has RMSNormalization", opset: 23),
    .keeps(
      "p = Pow(x, 2.0); v = ReduceMean(p, {-1}); s = Add(v, row); r = Sqrt(s); y = Div(x, r)",
      because: "ε is not one number"),
    .keeps(
      "p = Pow(x, 2.0); v = ReduceMean(p, {-1}); s = Add(v, eps); r = Sqrt(s); y = Div(z, r)",
      because: "another value is divided"),
  ]
}
