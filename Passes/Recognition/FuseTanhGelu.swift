import PassPipeline
import Rewriting

/// Recognizes the approximation of the Gaussian error linear unit by a hyperbolic tangent, which many language
/// models compute: `½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))`.
///
/// The cube is `Pow(x, 3)` or a product, and x may be factored out of the polynomial.
///
/// Legal from operator set 20 on, where both constants are right to the last digit of their type and none
/// broadcasts x. The parts that others read stay; it refuses where none would go.
///
/// Rounding: in fewer places. NaN stays NaN; x = −∞ gives NaN (−∞ · 0) in the parts and NaN or −0 in `Gelu`, as the
/// runtime has it; where x³ overflows, the tangent is ±1 either way.
struct FuseTanhGelu: RewriteRule {
  static let summary = "½ · x · (1 + Tanh(√(2/π) · (x + 0.044715 · x³))) → Gelu<approximate = \"tanh\">(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), root = Constant("root"), factor = Constant("factor")

    for product in GeluTerms.withTangent(of: x, root: root, factor: factor) {
      let rewrite =
        product => { m in
          try m.requireTangentConstants(root: root, factor: factor)
          try m.requireShapeOfRoot(is: x)
          return Op.Gelu(x, attributes: ["approximate": "tanh"])
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x; const float r = 0.7978846; const float c = 0.044715; const float other = 0.0447; \
    const float[2, 1, 1] deep = 0.5
    """

  static let examples: [Example] = [
    .rewrites(
      """
      p = Pow(x, 3.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, 0.5); y = Mul(h, g)
      """, to: "y = Gelu<approximate = \"tanh\">(x)"),
    .rewrites(
      """
      q = Mul(x, x); p = Mul(q, x); f = Mul(c, p); s = Add(f, x); u = Mul(r, s); t = Tanh(u); g = Add(1.0, t); \
      h = Mul(0.5, g); y = Mul(x, h)
      """, to: "y = Gelu<approximate = \"tanh\">(x)"),
    .rewrites(
      """
      q = Mul(x, x); f = Mul(q, c); s = Add(f, 1.0); v = Mul(x, r); u = Mul(v, s); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, g); y = Mul(h, 0.5)
      """, to: "y = Gelu<approximate = \"tanh\">(x)"),
    .keeps(
      """
      p = Pow(x, 3.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); h = Mul(x, 0.5); \
      y = Mul(h, g)
      """, because: "Gelu is not in the operator set that the model imports", opset: 19),
    .keeps(
      """
      p = Pow(x, 3.0); f = Mul(p, other); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); \
      h = Mul(x, 0.5); y = Mul(h, g)
      """, because: "the factor of the cube is another one"),
    .keeps(
      """
      p = Pow(x, 2.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); h = Mul(x, 0.5); \
      y = Mul(h, g)
      """, because: "x is squared"),
    .keeps(
      """
      p = Pow(x, 3.0); f = Mul(p, c); s = Add(x, f); u = Mul(s, r); t = Tanh(u); g = Add(t, 1.0); h = Mul(x, deep); \
      y = Mul(h, g)
      """, because: "a constant raises the rank"),
  ]
}
