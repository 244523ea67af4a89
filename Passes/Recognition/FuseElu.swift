import PassPipeline
import Rewriting

/// Recognizes `Elu`: x where it is positive, `α · (eˣ − 1)` where it is not.
///
/// Legal for single and half precision, where α is one number that a float attribute holds and no constant broadcasts
/// x. The parts that others read stay; it refuses where none would go.
///
/// Rounding: a runtime may compute `eˣ − 1` without canceling, so that x near 0 keeps digits that the parts lose. NaN
/// stays NaN.
struct FuseElu: RewriteRule {
  static let summary = "Where(x > 0, x, α · (Exp(x) − 1)) → Elu<alpha = α>(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), alpha = Constant("alpha")
    let exponential = Op.Sub(Op.Exp(x), 1.0).or(Op.Add(Op.Exp(x), -1.0).commuting)

    for side in [Op.Mul(exponential, alpha).commuting, exponential] {
      for pattern in [
        Op.Where(Op.Greater(x, 0.0).or(Op.GreaterOrEqual(x, 0.0)), x, side),
        Op.Where(Op.Less(0.0, x).or(Op.LessOrEqual(0.0, x)), x, side),
        Op.Where(Op.Less(x, 0.0).or(Op.LessOrEqual(x, 0.0)), side, x),
      ] {
        let rewrite =
          pattern => { m in
            try m.requireHalfOrSingle(x)
            try m.requireShapeOfRoot(is: x)
            guard m[optional: alpha] != nil else { return Op.Elu(x) }
            return try Op.Elu(x, attributes: ["alpha": m.floatAttribute(alpha)])
          }
        rewrite.shrinking
      }
    }
  }

  static let given = """
    float[N, 4] x, z; const float a = 0.5; const float[4] row = {0.1, 0.2, 0.3, 0.4}; double[N, 4] d
    """

  static let examples: [Example] = [
    .rewrites("c = Greater(x, 0.0); e = Exp(x); m = Sub(e, 1.0); y = Where(c, x, m)", to: "y = Elu(x)"),
    .rewrites(
      "c = LessOrEqual(x, 0.0); e = Exp(x); m = Add(e, -1.0); s = Mul(a, m); y = Where(c, s, x)",
      to: "y = Elu<alpha = 0.5>(x)"),
    .keeps(
      "c = Greater(x, 0.0); e = Exp(x); m = Sub(1.0, e); y = Where(c, x, m)", because: "the sign is another"),
    .keeps(
      "c = Greater(x, 0.0); e = Exp(z); m = Sub(e, 1.0); y = Where(c, x, m)",
      because: "it is of another value"),
    .keeps(
      "c = Greater(x, 0.0); e = Exp(x); m = Sub(e, 1.0); s = Mul(m, row); y = Where(c, x, s)",
      because: "α is not one number"),
    .keeps(
      "c = Greater(d, double {0.0}); e = Exp(d); m = Sub(e, double {1.0}); y = Where(c, d, m)",
      because: "few runtimes compute it in double"),
  ]
}
