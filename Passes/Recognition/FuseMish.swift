import PassPipeline
import Rewriting

/// Recognizes `Mish`: `x · tanh(softplus(x))`.
///
/// Legal from operator set 18 on. The parts that others read stay; it refuses where none would go.
///
/// Rounding: as the runtime computes it. NaN stays NaN; x = −∞ gives NaN (−∞ · 0) in both.
struct FuseMish: RewriteRule {
  static let summary = "x · Tanh(Softplus(x)) → Mish(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x")
    let mish = Op.Mul(x, Op.Tanh(Op.Softplus(x))).commuting => Op.Mish(x)
    mish.shrinking
  }

  static let given = "float[N, 4] x, z"

  static let examples: [Example] = [
    .rewrites("s = Softplus(x); t = Tanh(s); y = Mul(x, t)", to: "y = Mish(x)"),
    .rewrites("s = Softplus(x); t = Tanh(s); y = Mul(t, x)", to: "y = Mish(x)"),
    .keeps(
      "s = Softplus(x); t = Tanh(s); y = Mul(x, t)",
      because: "Mish is not in the operator set that the model imports", opset: 17),
    .keeps("s = Softplus(z); t = Tanh(s); y = Mul(x, t)", because: "the gate is of another value"),
    .keeps("s = Softplus(x); t = Tanh(s); y = Mul(x, t); w = Neg(t)", because: "the gate is read twice"),
  ]
}
