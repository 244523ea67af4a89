import PassPipeline
import Rewriting

/// Recognizes the approximation of the Gaussian error linear unit by a hyperbolic tangent where the model's operator set
/// has none.
///
/// Legal for single precision before operator set 20, under the conditions of `FuseTanhGelu`, which stands for it from
/// there on. The parts that others read stay; it refuses where none would go.
///
/// Rounding: as for `FuseTanhGelu`: in fewer places, and x = −∞ may give NaN or −0.
struct FuseFastGelu: RewriteRule {
  static let summary = "½ · x · (1 + Tanh(√(2/π) · (x + 0.044715 · x³))) → com.microsoft.FastGelu(x)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), root = Constant("root"), factor = Constant("factor")

    for product in GeluTerms.withTangent(of: x, root: root, factor: factor) {
      let rewrite =
        product => { m in
          try m.require(m.opset < 20, "the operator set has Gelu")
          try m.requireSingle(x)
          try m.requireTangentConstants(root: root, factor: factor)
          try m.requireShapeOfRoot(is: x)
          return Contrib.FastGelu(x)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x; const float r = 0.7978846; const float c = 0.044715; const float other = 0.0447
    """

  static let examples: [Example] = [
    .rewrites(
      """
      p = Pow(x, 3.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, 0.5); y = Mul(h, g)
      """, to: "y = com.microsoft.FastGelu(x)", opset: 17),
    .keeps(
      """
      p = Pow(x, 3.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, 0.5); y = Mul(h, g)
      """, because: "the operator set has Gelu", opset: 20),
    .keeps(
      """
      p = Pow(x, 3.0); f = Mul(p, other); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, 0.5); y = Mul(h, g)
      """, because: "the factor of the cube is another one", opset: 17),
  ]
}
