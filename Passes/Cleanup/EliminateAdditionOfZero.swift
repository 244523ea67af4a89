import PassPipeline
import Rewriting
import TensorCore

/// Removes `x + 0` and `x − (−0)` in floating point.
///
/// Rounding: these turn −0 into 0, and without them −0 stays, which shows where it is divided by. NaN and
/// infinities stay what they are. Bit for bit the same are `x − 0` and `x + (−0)`: see
/// `EliminateArithmeticIdentity`.
struct EliminateAdditionOfZero: RewriteRule {
  static let summary = "x + 0 → x, in floating point"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c")
    Op.Add(x, c).commuting => { m in
      try m.require(m[c].elementType.isFloatingPoint, "integers have one zero only")
      try m.requireNeutral(c, 0, for: x)
      return x
    }
    Op.Sub(x, c) => { m in
      try m.requireNeutral(c, -0.0, for: x)
      return x
    }
  }

  static let given = """
    float[N, 4] x; float[4] v; const float zero = {0}; const float minus = {-0.0}; \
    const float[4] zeros = {0, 0, 0, 0}; const float[1, 4] row = {0, 0, 0, 0}; const float[4] mixed = {0, 1, 0, 0}
    """

  static let examples: [Example] = [
    .rewrites("h = Add(x, zeros); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Add(zero, x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Sub(x, minus); y = Relu(h)", to: "y = Relu(x)"),
    .keeps("h = Add(x, mixed); y = Relu(h)", because: "not all elements are 0"),
    .keeps("h = Add(v, row); y = Relu(h)", because: "an axis is added"),
    .keeps("h = Sub(zero, x); y = Relu(h)", because: "subtraction does not commute"),
  ]
}
