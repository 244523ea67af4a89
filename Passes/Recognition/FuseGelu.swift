import PassPipeline
import Rewriting

/// Recognizes the Gaussian error linear unit, `½ · x · (1 + erf(x / √2))`, wherever the ½ stands and however the
/// quotient is written.
///
/// Legal from operator set 20 on, for floating point, where √2 and its reciprocal are right to the last digit of
/// their type and no constant broadcasts x. The parts that others read stay; it refuses where none would go.
///
/// Rounding: `Gelu` has the exact √2 and rounds in fewer places. NaN stays NaN; x = −∞ gives NaN (−∞ · 0) in the
/// parts and NaN or −0 in `Gelu`, as the runtime has it; large x overflow neither here nor there.
struct FuseGelu: RewriteRule {
  static let summary = "½ · x · (1 + Erf(x / √2)) → Gelu(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), root = Constant("root"), quotient = Capture("quotient")

    for product in GeluTerms.withError(of: x, root: root, quotient: quotient) {
      let rewrite =
        product => { m in
          try m.requireRootOfTwo(root, quotient)
          try m.requireShapeOfRoot(is: x)
          return Op.Gelu(x)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x; const float root = 1.4142135; const float reciprocal = 0.70710677; const float other = 1.41; \
    const float[1, 1, 1] deep = 0.5; double[N, 4] d
    """

  static let examples: [Example] = [
    .rewrites(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)", to: "y = Gelu(x)"),
    .rewrites(
      "p = Mul(x, 0.5); q = Mul(x, reciprocal); e = Erf(q); s = Add(1.0, e); y = Mul(p, s)", to: "y = Gelu(x)"
    ),
    .rewrites(
      "q = Mul(reciprocal, x); e = Erf(q); s = Add(e, 1.0); p = Mul(0.5, s); y = Mul(x, p)", to: "y = Gelu(x)"
    ),
    .rewrites(
      "q = Div(x, root); e = Erf(q); p = Mul(e, 0.5); s = Add(p, 0.5); y = Mul(s, x)", to: "y = Gelu(x)"),
    .rewrites(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5); z = Neg(e)",
      to: "q = Div(x, root); e = Erf(q); y = Gelu(x); z = Neg(e)"),
    .keeps(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "Gelu is not in the operator set that the model imports", opset: 19),
    .keeps(
      "q = Div(x, other); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "√2 is wrong in the third digit"),
    .keeps(
      "q = Mul(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "x is multiplied by √2"),
    .keeps(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); p = Mul(x, s); y = Mul(p, deep)",
      because: "a constant raises the rank"),
    .keeps(
      "q = Div(d, double {1.4142135}); e = Erf(q); s = Add(e, double {1.0}); p = Mul(d, s); y = Mul(p, double {0.5})",
      because: "√2 is not right to the last digit of its type", execution: .skipped),
    .keeps(
      "q = Div(x, root); e = Erf(q); s = Add(e, 1.0); g = Neg(x); p = Mul(g, s); y = Mul(p, 0.5)",
      because: "the factor is not x"),
    .keeps(
      "q = Div(x, root); e = Erf(q); s = Sub(e, 1.0); p = Mul(x, s); y = Mul(p, 0.5)",
      because: "1 is subtracted"),
  ]
}
