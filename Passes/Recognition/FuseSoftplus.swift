import PassPipeline
import Rewriting

/// Recognizes `Softplus`: `ln(1 + eˣ)`.
///
/// Legal where the constant does not broadcast x. The parts that others read stay; it refuses where none would go.
///
/// Rounding: `eˣ` overflows from about x = 88 on in single precision, and the parts give ∞; `Softplus` gives x, which
/// is right. Far below 0, where 1 + eˣ rounds to 1, the parts give 0 and `Softplus` eˣ. NaN stays NaN.
///
/// Opt-in: ONNX Runtime 1.32 takes 4.7 times as long for `Softplus` on a CPU.
struct FuseSoftplus: RewriteRule {
  static let summary = "Log(Exp(x) + 1) → Softplus(x)"
  static let exactness = Exactness.rounding
  static let isDefault = false

  var body: [Rewrite] {
    let x = Var("x")
    let softplus =
      Op.Log(Op.Add(Op.Exp(x), 1.0).commuting) => { m in
        try m.requireHalfOrSingle(x)
        try m.requireShapeOfRoot(is: x)
        return Op.Softplus(x)
      }
    softplus.shrinking
  }

  static let given = "float[N, 4] x; const float[1, 1, 1] deep = 1.0"

  static let examples: [Example] = [
    .rewrites("e = Exp(x); s = Add(e, 1.0); y = Log(s)", to: "y = Softplus(x)"),
    .rewrites("e = Exp(x); s = Add(1.0, e); y = Log(s)", to: "y = Softplus(x)"),
    .keeps("e = Exp(x); s = Add(e, 2.0); y = Log(s)", because: "2 is added"),
    .keeps("e = Exp(x); s = Add(e, deep); y = Log(s)", because: "a constant raises the rank"),
    .keeps("e = Exp(x); s = Add(e, 1.0); y = Log(s); z = Neg(s)", because: "the sum is read twice"),
  ]
}
