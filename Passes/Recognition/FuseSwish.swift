import PassPipeline
import Rewriting

/// Recognizes `Swish`, also called SiLU: `x · σ(x)`, and with a factor α within the sigmoid, of which 1.702 is a
/// common approximation of `Gelu`.
///
/// Legal from operator set 24 on, where α is one number that a float attribute holds and does not broadcast x, and
/// no other reader needs the sigmoid.
///
/// Rounding: α·x is rounded as the runtime does it. NaN stays NaN; x = −∞ gives NaN (−∞ · 0) in both.
///
/// Opt-in: ONNX Runtime 1.32 fuses the parts itself, and takes 1.7 times as long for `Swish` on a CPU.
struct FuseSwish: RewriteRule {
  static let summary = "x · Sigmoid(α · x) → Swish<alpha = α>(x)"
  static let exactness = Exactness.rounding
  static let isDefault = false

  var body: [Rewrite] {
    let x = Var("x"), alpha = Constant("alpha"), sigmoid = Capture("sigmoid").exclusive

    Op.Mul(x, Op.Sigmoid(x, as: sigmoid)).commuting => Op.Swish(x)
    let scaled =
      Op.Mul(x, Op.Sigmoid(Op.Mul(x, alpha).commuting, as: sigmoid)).commuting => { m in
        try m.requireShapeOfRoot(is: x)
        return try Op.Swish(x, attributes: ["alpha": m.floatAttribute(alpha)])
      }
    scaled.shrinking
  }

  static let given = "float[N, 4] x, z; const float a = 1.702; const float[4] row; float b"

  static let examples: [Example] = [
    .rewrites("s = Sigmoid(x); y = Mul(x, s)", to: "y = Swish(x)", opset: 24),
    .rewrites(
      "m = Mul(x, a); s = Sigmoid(m); y = Mul(s, x)", to: "y = Swish<alpha = 1.702>(x)", opset: 24),
    .keeps(
      "s = Sigmoid(x); y = Mul(x, s)", because: "Swish is not in the operator set that the model imports",
      opset: 23),
    .keeps("s = Sigmoid(x); y = Mul(z, s)", because: "the gate is of another value", opset: 24),
    .keeps("s = Sigmoid(x); y = Mul(x, s); w = Neg(s)", because: "the sigmoid is read twice", opset: 24),
    .keeps("m = Mul(x, row); s = Sigmoid(m); y = Mul(x, s)", because: "α is not one number", opset: 24),
    .keeps("m = Mul(x, b); s = Sigmoid(m); y = Mul(x, s)", because: "α is computed", opset: 24),
  ]
}
