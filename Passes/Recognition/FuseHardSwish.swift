import PassPipeline
import Rewriting

/// Recognizes `HardSwish`: `x · max(0, min(1, x / 6 + ½))`.
///
/// Legal from operator set 14 on, where the factor 1 / 6 is right to the last digit and nothing else reads the gate.
/// The parts of the gate itself are recognized by `FuseHardSigmoid`; here also the product may be divided.
///
/// Rounding: as the runtime computes it. NaN stays NaN; x = −∞ gives NaN (−∞ · 0) in both.
struct FuseHardSwish: RewriteRule {
  static let summary = "x · HardSigmoid<alpha = 1/6, beta = ½>(x) → HardSwish(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), gate = Capture("gate").exclusive, divisor = Constant("divisor"),
      outer = Capture("outer")
    let clip = Op.Clip(Op.Add(x, 3.0).commuting, 0.0, 6.0)
    let product = Op.Mul(x, clip).commuting

    Op.Mul(x, Op.HardSigmoid(x, as: gate)).commuting => { m in
      let alpha = try m[gate].float("alpha"), beta = try m[gate].float("beta")
      try m.require(abs(alpha - 1 / 6) < 0x1p-23 && beta == 0.5, "the gate is another one")
      return Op.HardSwish(x)
    }
    for quotient in [Op.Div(product, divisor, as: outer), Op.Mul(product, divisor, as: outer).commuting] {
      let rewrite =
        quotient => { m in
          try m.requireAbout(divisor, m[outer].op.name == "Div" ? 6 : 1 / 6)
          try m.requireHalfOrSingle(x)
          try m.requireShapeOfRoot(is: x)
          return Op.HardSwish(x)
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x in -5...5; float[N, 4] z; const float three = 3.0; const float six = 6.0; const float zero = 0.0
    """

  static let examples: [Example] = [
    .rewrites("g = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x); y = Mul(x, g)", to: "y = HardSwish(x)"),
    .rewrites(
      "s = Add(x, three); c = Clip(s, zero, six); p = Mul(x, c); y = Div(p, six)", to: "y = HardSwish(x)"),
    .keeps("g = HardSigmoid(x); y = Mul(x, g)", because: "α is 0.2"),
    .keeps("g = HardSigmoid<alpha = 0.16666667>(z); y = Mul(x, g)", because: "the gate is of another value"),
    .keeps(
      "g = HardSigmoid<alpha = 0.16666667>(x); y = Mul(x, g)",
      because: "HardSwish is not in the operator set that the model imports", opset: 13),
    .keeps(
      "s = Add(x, three); c = Clip(s, zero, three); p = Mul(x, c); y = Div(p, six)",
      because: "3 is the greatest"),
  ]
}
