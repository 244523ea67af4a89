import PassPipeline
import Rewriting

/// Recognizes `ThresholdedRelu`: x where it is greater than α, else 0.
///
/// Legal for single and half precision, where α is one number that a float attribute holds and no constant broadcasts
/// x. The comparison stays where others read it; it refuses where nothing would go.
///
/// Rounding: none. NaN is not greater and gives 0 in the parts; runtimes give 0 as well, by the same comparison.
struct FuseThresholdedRelu: RewriteRule {
  static let summary = "Where(x > α, x, 0) → ThresholdedRelu<alpha = α>(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), alpha = Constant("alpha")
    let rewrite =
      Op.Where(Op.Greater(x, alpha).or(Op.Less(alpha, x)), x, 0.0) => { m in
        try m.requireHalfOrSingle(x)
        try m.requireShapeOfRoot(is: x)
        return try Op.ThresholdedRelu(x, attributes: ["alpha": m.floatAttribute(alpha)])
      }
    rewrite.shrinking
  }

  static let given =
    "float[N, 4] x, z; const float a = 0.5; const float[4] row; const float[1, 1, 1] deep = 0.5"

  static let examples: [Example] = [
    .rewrites("c = Greater(x, a); y = Where(c, x, 0.0)", to: "y = ThresholdedRelu<alpha = 0.5>(x)"),
    .rewrites("c = Less(0.0, x); y = Where(c, x, 0.0)", to: "y = ThresholdedRelu<alpha = 0.0>(x)"),
    .keeps("c = Greater(x, a); y = Where(c, x, 1.0)", because: "the other side is not 0"),
    .keeps("c = GreaterOrEqual(x, a); y = Where(c, x, 0.0)", because: "α itself would give 0"),
    .keeps("c = Greater(x, row); y = Where(c, x, 0.0)", because: "α is not one number"),
    .keeps("c = Greater(x, deep); y = Where(c, x, 0.0)", because: "the constant raises the rank"),
    .keeps("c = Greater(z, a); y = Where(c, x, 0.0)", because: "another value decides"),
    .keeps("c = Greater(x, a); y = Where(c, x, 0.0); w = Not(c)", because: "the comparison is read as well"),
  ]
}
