import PassPipeline
import Rewriting

/// Recognizes `LeakyRelu`: x where it is positive, `α·x` where it is not. A comparison chooses, or a maximum, or both
/// sides are added.
///
/// Legal for single and half precision, where α is one number that a float attribute holds and does not broadcast x; in
/// a maximum `0 < α ≤ 1`. The parts that others read stay; it refuses where none would go.
///
/// Rounding: none; a zero may change its sign. NaN stays NaN.
struct FuseLeakyRelu: RewriteRule {
  static let summary = "Where(x > 0, x, α·x) → LeakyRelu<alpha = α>(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), alpha = Constant("alpha"), maximum = Capture("maximum")
    let scaled = Op.Mul(x, alpha).commuting
    let negative = Op.Mul(Op.Relu(Op.Neg(x)), alpha).commuting

    for pattern in [
      Op.Where(Op.Greater(x, 0.0).or(Op.GreaterOrEqual(x, 0.0)), x, scaled),
      Op.Where(Op.Less(0.0, x).or(Op.LessOrEqual(0.0, x)), x, scaled),
      Op.Where(Op.Less(x, 0.0).or(Op.LessOrEqual(x, 0.0)), scaled, x),
      Op.Max(x, scaled, as: maximum).commuting,
      Op.Sub(Op.Relu(x), negative),
    ] {
      let rewrite =
        pattern => { m in
          try m.requireHalfOrSingle(x)
          try m.requireShapeOfRoot(is: x)
          let factor = try m[alpha].uniformValue ?? 0
          try m.require(
            !m.contains(maximum) || (factor > 0 && factor <= 1), "the maximum is another function")
          return try Op.LeakyRelu(x, attributes: ["alpha": m.floatAttribute(alpha)])
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x, z; const float a = 0.1; const float two = 2.0; const float[4] row = {0.1, 0.2, 0.3, 0.4}; double[N, 4] d; \
    const float[1, 1, 1] deep = 0.1
    """

  static let examples: [Example] = [
    .rewrites("c = Greater(x, 0.0); s = Mul(x, a); y = Where(c, x, s)", to: "y = LeakyRelu<alpha = 0.1>(x)"),
    .rewrites("c = Less(x, 0.0); s = Mul(two, x); y = Where(c, s, x)", to: "y = LeakyRelu<alpha = 2.0>(x)"),
    .rewrites("s = Mul(x, a); y = Max(s, x)", to: "y = LeakyRelu<alpha = 0.1>(x)"),
    .rewrites(
      "p = Relu(x); n = Neg(x); q = Relu(n); s = Mul(q, a); y = Sub(p, s)",
      to: "y = LeakyRelu<alpha = 0.1>(x)"),
    .keeps("s = Mul(x, two); y = Max(s, x)", because: "2·x is greater where x is positive"),
    .keeps("c = Greater(x, 0.0); s = Mul(x, a); y = Where(c, s, x)", because: "the sides are exchanged"),
    .keeps("c = Greater(z, 0.0); s = Mul(x, a); y = Where(c, x, s)", because: "another value decides"),
    .keeps("c = Greater(x, 1.0); s = Mul(x, a); y = Where(c, x, s)", because: "the threshold is not 0"),
    .keeps("c = Greater(x, 0.0); s = Mul(x, row); y = Where(c, x, s)", because: "α is not one number"),
    .keeps(
      "c = Greater(x, 0.0); s = Mul(x, deep); y = Where(c, x, s)", because: "the constant raises the rank"),
    .keeps(
      "c = Greater(d, double {0.0}); s = Mul(d, double {0.5}); y = Where(c, d, s)",
      because: "few runtimes compute it in double"),
  ]
}
