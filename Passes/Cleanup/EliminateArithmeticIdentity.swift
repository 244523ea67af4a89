import PassPipeline
import Rewriting
import TensorCore

/// Removes arithmetic with the neutral element, where not even a zero's sign can change:
///
/// - `x · 1`, `x / 1`, `x ^ 1`, `x − 0`;
/// - `x + 0` for integers, and for floating point with −0, its true neutral element.
///
/// The constant must not change the shape by broadcasting. `x + 0` with a positive zero turns −0 into 0: see
/// `EliminateAdditionOfZero`. Of the values of floating point, only a signalling NaN comes out differently:
/// quiet before, untouched after.
struct EliminateArithmeticIdentity: RewriteRule {
  static let summary = "x · 1, x / 1, x ^ 1, x − 0, x + 0 → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c")
    Op.Mul(x, c).commuting => { m in
      try m.requireNeutral(c, 1, for: x)
      return x
    }
    Op.Div(x, c).or(Op.Pow(x, c)) => { m in
      try m.requireNeutral(c, 1, for: x)
      return x
    }
    Op.Sub(x, c) => { m in
      try m.requireNeutral(c, 0, for: x)
      return x
    }
    Op.Add(x, c).commuting => { m in
      try m.requireNeutral(c, m[c].elementType.isFloatingPoint ? -0.0 : 0, for: x)
      return x
    }
  }

  static let given = """
    float[N, 4] x; int64[N, 4] i; float[4] v; float s; const float one = {1}; const float zero = {0}; \
    const float minus = {-0.0}; const float[4] ones = {1, 1, 1, 1}; const float[1] unit = {1}; \
    const float[1, 4] row = {1, 1, 1, 1}; const float[4] mixed = {1, 1, 2, 1}; const int64 none = {0}; \
    const float[3, 1, 1] deep = {1, 1, 1}; const int64[4] nones = {0, 0, 0, 0}
    """

  static let examples: [Example] = [
    .rewrites("h = Mul(x, one); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Mul(ones, x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Div(x, row); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Pow(x, one); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Sub(x, zero); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Add(x, minus); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Add(i, none); y = Neg(h)", to: "y = Neg(i)"),
    .rewrites("h = Add(nones, i); y = Neg(h)", to: "y = Neg(i)"),
    .keeps("h = Mul(x, mixed); y = Relu(h)", because: "not all elements are 1"),
    .keeps("h = Mul(v, row); y = Relu(h)", because: "an axis is added"),
    .keeps("h = Mul(s, unit); y = Relu(h)", because: "an axis is added"),
    .keeps("h = Mul(v, deep); y = Relu(h)", because: "the shape changes"),
    .keeps("h = Div(one, x); y = Relu(h)", because: "division does not commute"),
    .keeps("h = Sub(zero, x); y = Relu(h)", because: "subtraction does not commute"),
    .keeps("h = Sub(x, minus); y = Relu(h)", because: "it turns −0 into 0"),
    .keeps("h = Add(x, zero); y = Relu(h)", because: "it turns −0 into 0"),
    .keeps("h = Pow(one, x); y = Relu(h)", because: "powers do not commute"),
  ]
}
