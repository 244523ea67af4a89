import PassPipeline
import Rewriting

/// Recognizes the Gaussian error linear unit, `½ · x · (1 + erf(x / √2))`, where the model's operator set has none.
///
/// Legal for single precision before operator set 20, under the conditions of `FuseGelu`, which stands for it from
/// there on. The parts that others read stay; it refuses where none would go.
///
/// Rounding: as for `FuseGelu`: in fewer places, and x = −∞ may give NaN or −0.
struct FuseContribGelu: RewriteRule {
  static let summary = "½ · x · (1 + Erf(x / √2)) → com.microsoft.Gelu(x)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), root = Constant("root"), quotient = Capture("quotient")

    for product in GeluTerms.withError(of: x, root: root, quotient: quotient) {
      let rewrite =
        product => { m in
          try m.require(m.opset < 20, "the operator set has Gelu")
          try m.requireSingle(x)
          try m.requireRootOfTwo(root, quotient)
          try m.requireShapeOfRoot(is: x)
          return Contrib.Gelu(x)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x; float16[N, 4] f; const float root = 1.4142135; const float reciprocal = 0.70710677; \
    const float other = 1.41
    """

  static let examples: [Example] = [
    .rewrites(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      to: "y = com.microsoft.Gelu(x)", opset: 17),
    .rewrites(
      "q = Mul(reciprocal, x); e = Erf(q); s = Add(e, 1.0); p = Mul(0.5, s); y = Mul(x, p)",
      to: "y = com.microsoft.Gelu(x)", opset: 14),
    .keeps(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "the operator set has Gelu", opset: 20),
    .keeps(
      "q = Div(x, other); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "√2 is wrong in the third digit", opset: 17),
    .keeps(
      "q = Div(f, float16 {1.4140625}); e = Erf(q); s = Add(e, float16 {1.0}); p = Mul(f, s); y = Mul(p, float16 {0.5})",
      because: "there is no kernel for half precision", opset: 17, execution: .skipped),
  ]
}
