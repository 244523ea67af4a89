import PassPipeline
import Rewriting

/// Recognizes `x · sigmoid(α · x)`: SiLU for α = 1, and the approximation of GELU that some image models have.
///
/// Legal for single precision where α is one number. The parts that others read stay; it refuses where none would go.
///
/// Rounding: the runtime computes the sigmoid in one kernel with the product. NaN stays NaN; x = −∞ gives NaN (−∞ · 0)
/// in either.
struct FuseQuickGelu: RewriteRule {
  static let summary = "x · Sigmoid(α·x) → com.microsoft.QuickGelu<alpha = α>(x)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), alpha = Constant("alpha")

    for argument in [Op.Mul(x, alpha).commuting, x.term] {
      let rewrite =
        Op.Mul(x, Op.Sigmoid(argument)).commuting => { m in
          try m.requireSingle(x)
          try m.requireShapeOfRoot(is: x)
          guard m[optional: alpha] != nil else { return Contrib.QuickGelu(x, attributes: ["alpha": 1.0]) }
          return try Contrib.QuickGelu(x, attributes: ["alpha": m.floatAttribute(alpha)])
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x; float[4] z; const float a = 1.702; const float[4] row; const float[2, 1, 1] deep = 1.5; double[N, 4] d
    """

  static let examples: [Example] = [
    .rewrites("s = Sigmoid(x); y = Mul(x, s)", to: "y = com.microsoft.QuickGelu<alpha = 1.0>(x)"),
    .rewrites(
      "h = Mul(a, x); s = Sigmoid(h); y = Mul(s, x)", to: "y = com.microsoft.QuickGelu<alpha = 1.702>(x)"),
    .keeps("h = Mul(row, x); s = Sigmoid(h); y = Mul(s, x)", because: "α is not one number"),
    .keeps("h = Mul(deep, x); s = Sigmoid(h); y = Mul(s, x)", because: "α raises the rank"),
    .keeps("s = Sigmoid(x); y = Mul(z, s)", because: "the factor is not x"),
    .keeps("s = Sigmoid(d); y = Mul(d, s)", because: "there is no kernel for double precision"),
  ]
}
