import PassPipeline
import Rewriting
import TensorCore

/// Computes a square root or a reciprocal as such and not as a power, which runtimes compute by logarithms.
///
/// Legal for one exponent for all elements that does not make the result larger, in half, single and double precision.
///
/// Rounding: the square root is rounded correctly, a power mostly. The power ½ of −∞ is ∞, where the root is NaN, and
/// of −0 it is 0, where the root is −0.
struct ReplacePowers: RewriteRule {
  static let summary = "Pow(x, ½) → Sqrt(x), Pow(x, −1) → Reciprocal(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c"), node = Capture("node")

    Op.Pow(x, c, as: node) => { m -> Term in
      let type = try m.elementType(of: x)
      try m.require(
        type == .float32 || type == .float64 || type == .float16, "few runtimes take roots of \(type)")
      try m.require(m.outputHasShape(of: x, node), "the exponent makes the result larger")
      switch try m[c].uniformValue {
      case 0.5: return Op.Sqrt(x)
      case -1: return Op.Reciprocal(x)
      default: throw MatchFailure("the exponent is another")
      }
    }
  }

  static let given = """
    float[N, 4] x in 1...2; const float half = 0.5; const float[1] minus = -1.0; const float two = 2.0; \
    const float[3, 1, 1] deep = 0.5; const float[4] mixed = {0.5, 0.5, 1, 0.5}; int32[2, 3] i
    """

  static let examples: [Example] = [
    .rewrites("y = Pow(x, half)", to: "y = Sqrt(x)"),
    .rewrites("y = Pow(x, minus)", to: "y = Reciprocal(x)"),
    .keeps("y = Pow(x, two)", because: "the exponent is another"),
    .keeps("y = Pow(x, deep)", because: "the exponent makes the result larger"),
    .keeps("y = Pow(x, mixed)", because: "the exponents differ"),
    .keeps("y = Pow(half, x)", because: "the exponent is computed"),
  ]
}
