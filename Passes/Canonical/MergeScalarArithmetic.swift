import PassPipeline
import Rewriting
import TensorCore

/// Combines the constants of two additions or two multiplications, subtractions and divisions included:
///
/// - `(x + a) + b` → `x + (a + b)`, with `−a` for `x − a`
/// - `(x · a) · b` → `x · (a · b)`, with `1 / a` for `x / a`
///
/// Legal for floating-point constants whose combination has no more elements than the larger of them; where sums
/// do not cancel (adding a large number and subtracting it again is how programs round) and products stay within
/// the normal range.
///
/// Rounding: one rounding less. Intermediate results that overflow or vanish no longer do, and the other way round;
/// NaN and infinities of x reach the results that they reached.
struct MergeScalarArithmetic: RewriteRule {
  static let summary = "Mul(Mul(x, a), b) → Mul(x, a·b), Add(Add(x, a), b) → Add(x, a + b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), a = Constant("a"), b = Constant("b")
    let inner = Capture("inner"), outer = Capture("outer")

    for first in [Op.Add(x, a, as: inner).commuting, Op.Sub(x, a, as: inner)] {
      for pattern in [Op.Add(first, b, as: outer).commuting, Op.Sub(first, b, as: outer)] {
        pattern => { m in try Op.Add(x, m.sum(m.summand(a, of: inner), m.summand(b, of: outer))) }
      }
    }
    for first in [Op.Mul(x, a, as: inner).commuting, Op.Div(x, a, as: inner)] {
      for pattern in [Op.Mul(first, b, as: outer).commuting, Op.Div(first, b, as: outer)] {
        pattern => { m in try Op.Mul(x, m.product(m.factor(a, of: inner), m.factor(b, of: outer))) }
      }
    }
  }

  static let given = """
    float[N, 3] x; const float two = 2.0; const float three = 3.0; const float[3] row in 1...2; \
    const float[2, 1] column in 1...2; const float huge = 1.0e30; const float minus = -2.5; const float zero = 0.0; \
    int32[2, 3] i; const int32 five = 5; float v; const float[1, 1, 1] deep = 4.0
    """

  static let examples: [Example] = [
    .rewrites("h = Mul(x, two); y = Mul(three, h)", to: "y = Mul(x, c)"),
    .rewrites("h = Mul(row, x); y = Mul(h, two)", to: "y = Mul(x, c)"),
    .rewrites("h = Div(x, three); y = Mul(h, two)", to: "y = Mul(x, c)"),
    .rewrites("h = Mul(x, deep); y = Div(h, row)", to: "y = Mul(x, c)"),
    .rewrites("h = Add(x, two); y = Add(row, h)", to: "y = Add(x, c)"),
    .rewrites("h = Sub(x, two); y = Add(h, minus)", to: "y = Add(x, c)"),
    .keeps("h = Add(x, two); y = Add(h, minus)", because: "the sum cancels"),
    .keeps("h = Sub(two, x); y = Add(h, three)", because: "x is subtracted"),
    .keeps(
      "h = Mul(x, huge); y = Mul(h, huge)", because: "the product is not finite", execution: .allowsNonFinite),
    .keeps("h = Mul(x, row); y = Mul(h, column)", because: "the product is larger than both"),
    .keeps("h = Mul(x, two); y = Div(h, zero)", because: "1 / 0 is no factor", execution: .allowsNonFinite),
    .keeps("h = Mul(i, five); y = Mul(h, five)", because: "they are integers"),
    .keeps("h = Mul(x, two); y = Mul(h, v)", because: "one is computed"),
    .keeps("h = Mul(x, two); y = Add(h, three)", because: "sum and product do not combine"),
  ]
}

extension Match {
  fileprivate func summand(_ constant: Constant, of node: Capture) throws -> RealTensor {
    let real = try floats(constant)
    return try self[node].op.name == "Sub" ? real.map { -$0 } : real
  }

  fileprivate func factor(_ constant: Constant, of node: Capture) throws -> RealTensor {
    let real = try floats(constant)
    return try self[node].op.name == "Div" ? real.map { 1 / $0 } : real
  }

  private func floats(_ constant: Constant) throws -> RealTensor {
    let tensor = try self[constant]
    try require(tensor.elementType.isFloatingPoint, "\(constant.name) is not floating point")
    return try tensor.real()
  }

  fileprivate func sum(_ a: RealTensor, _ b: RealTensor) throws -> Tensor {
    // Where |a + b| is less than |a| + |b|, signs differ.
    let sum = try a + b, magnitudes = try a.map(abs) + b.map(abs)
    try require(zip(sum.values, magnitudes.values).allSatisfy { abs($0) == $1 }, "the sum cancels")
    return try combined(sum, a, b)
  }

  fileprivate func product(_ a: RealTensor, _ b: RealTensor) throws -> Tensor {
    let product = try a * b
    let least = try unwrap(a.elementType.leastNormal, "the range of \(a.elementType) is unknown")
    try require(product.values.allSatisfy { abs($0) >= least }, "the product vanishes")
    return try combined(product, a, b)
  }

  private func combined(_ result: RealTensor, _ a: RealTensor, _ b: RealTensor) throws -> Tensor {
    try require(result.values.count <= max(a.values.count, b.values.count), "the result is larger than both")
    return try result.finite(as: a.elementType)
  }
}
