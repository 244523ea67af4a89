import PassPipeline
import Rewriting

/// Recognizes `Softsign`: `x / (1 + |x|)`.
///
/// Legal for single and half precision, where the constant does not broadcast x. The parts that others read stay; it
/// refuses where none would go.
///
/// Rounding: none, unless a runtime multiplies by a reciprocal. NaN stays NaN, and infinities give NaN, as in the parts.
struct FuseSoftsign: RewriteRule {
  static let summary = "x / (1 + Abs(x)) → Softsign(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x")
    let rewrite =
      Op.Div(x, Op.Add(Op.Abs(x), 1.0).commuting) => { m in
        try m.requireHalfOrSingle(x)
        try m.requireShapeOfRoot(is: x)
        return Op.Softsign(x)
      }
    rewrite.shrinking
  }

  static let given = "float[N, 4] x, z; const float[1, 1, 1] deep = 1.0; double[N, 4] d"

  static let examples: [Example] = [
    .rewrites("a = Abs(x); s = Add(a, 1.0); y = Div(x, s)", to: "y = Softsign(x)"),
    .rewrites("a = Abs(x); s = Add(1.0, a); y = Div(x, s)", to: "y = Softsign(x)"),
    .keeps("a = Abs(x); s = Add(a, 2.0); y = Div(x, s)", because: "2 is added"),
    .keeps("a = Abs(z); s = Add(a, 1.0); y = Div(x, s)", because: "another value is divided"),
    .keeps("a = Abs(x); s = Add(a, deep); y = Div(x, s)", because: "the constant raises the rank"),
    .keeps(
      "a = Abs(d); s = Add(a, double {1.0}); y = Div(d, s)", because: "few runtimes compute it in double"),
  ]
}
