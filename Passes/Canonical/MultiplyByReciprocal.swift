import PassPipeline
import Rewriting
import TensorCore

/// Multiplies instead of dividing where both are the same: by powers of two, whose reciprocals are exact.
///
/// Legal where every element of `c` is ±2ᵏ, and 2⁻ᵏ is a normal number of the type.
struct MultiplyByReciprocal: RewriteRule {
  static let summary = "Div(x, 2ᵏ) → Mul(x, 2⁻ᵏ)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c")

    Op.Div(x, c) => { m in
      let divisors = try m[c]
      let least = try m.unwrap(divisors.elementType.leastNormal, "c is not floating point")
      let reciprocals = try divisors.real().map { 1 / $0 }
      try m.require(
        reciprocals.values.allSatisfy { $0.isFinite && $0.significand == 1 && abs($0) >= least },
        "a reciprocal is not exact")
      return try Op.Mul(x, reciprocals.finite(as: divisors.elementType))
    }
  }

  static let given = """
    float[2, 3] x; const float eight = 8.0; const float[3] row = {-0.5, 1.0, 4.0}; const float three = 3.0; \
    const float tiny = 1.0e-40; const float zero = 0.0; int32[2, 3] i; const int32 four = 4; float v in 1...2
    """

  static let examples: [Example] = [
    .rewrites("y = Div(x, eight)", to: "y = Mul(x, c)"),
    .rewrites("y = Div(x, row)", to: "y = Mul(x, c)"),
    .keeps("y = Div(x, three)", because: "1 / 3 is not exact"),
    .keeps("y = Div(x, zero)", because: "0 has no reciprocal", execution: .allowsNonFinite),
    .keeps("y = Div(x, tiny)", because: "the reciprocal is not exact", execution: .allowsNonFinite),
    .keeps("y = Div(i, four)", because: "integers are cut off"),
    .keeps("y = Div(eight, v)", because: "the divisor is computed"),
  ]
}
