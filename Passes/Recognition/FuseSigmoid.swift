import PassPipeline
import Rewriting

/// Recognizes the logistic function: `1 / (1 + e⁻ˣ)`.
///
/// Legal for floating point where no constant broadcasts x. The parts that others read stay; it refuses where none
/// would go.
///
/// Rounding: as the runtime computes it. Far below 0, where e⁻ˣ overflows, the parts give 0; `Sigmoid` may give the
/// small number that is right. NaN stays NaN, −∞ gives 0 and ∞ gives 1.
struct FuseSigmoid: RewriteRule {
  static let summary = "1 / (1 + Exp(−x)) → Sigmoid(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x")
    let negated = Op.Neg(x).or(Op.Mul(x, -1.0).commuting).or(Op.Sub(0.0, x))
    let sum = Op.Add(Op.Exp(negated), 1.0).commuting

    for quotient in [Op.Div(1.0, sum), Op.Reciprocal(sum), Op.Pow(sum, -1.0)] {
      let rewrite =
        quotient => { m in
          try m.require(m.elementType(of: x).isFloatingPoint, "x is not floating point")
          try m.requireShapeOfRoot(is: x)
          return Op.Sigmoid(x)
        }
      rewrite.shrinking
    }
  }

  static let given = "float[N, 4] x; const float[1, 1, 1] deep = 1.0"

  static let examples: [Example] = [
    .rewrites("n = Neg(x); e = Exp(n); s = Add(e, 1.0); y = Div(1.0, s)", to: "y = Sigmoid(x)"),
    .rewrites("n = Mul(x, -1.0); e = Exp(n); s = Add(1.0, e); y = Reciprocal(s)", to: "y = Sigmoid(x)"),
    .keeps("e = Exp(x); s = Add(e, 1.0); y = Div(1.0, s)", because: "x is not negated"),
    .keeps("n = Neg(x); e = Exp(n); s = Add(e, 2.0); y = Div(1.0, s)", because: "2 is added"),
    .keeps(
      "n = Neg(x); e = Exp(n); s = Add(e, deep); y = Div(1.0, s)", because: "a constant raises the rank"),
    .keeps("n = Neg(x); e = Exp(n); s = Add(e, 1.0); y = Div(2.0, s)", because: "2 is divided"),
  ]
}
