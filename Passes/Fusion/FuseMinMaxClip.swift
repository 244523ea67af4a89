import PassPipeline
import Rewriting
import TensorCore

/// Takes lower and upper bound in one operator.
///
/// Legal for constant numbers as bounds that do not make the result larger, the lower one not above the upper one,
/// and types that runtimes clip.
///
/// Rounding: nothing is rounded; of two zeros that differ in sign either may come out. What operators make of
/// NaN is up to the runtime: where they keep it, it is kept.
struct FuseMinMaxClip: RewriteRule {
  static let summary = "Min(Max(x, a), b) → Clip(x, a, b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), low = Constant("low"), high = Constant("high"), outer = Capture("outer")

    (Op.Min(Op.Max(x, low).commuting, high, as: outer).commuting
      => { m in try m.clip(x, low, high, outer) }).shrinking
    (Op.Max(Op.Min(x, high).commuting, low, as: outer).commuting
      => { m in try m.clip(x, low, high, outer) }).shrinking
    (Op.Min(Op.Relu(x), high, as: outer).commuting => { m in try m.clip(x, nil, high, outer) }).shrinking
  }

  static let given = """
    float[N, 4] x; const float one = 1.0; const float six = 6.0; const float[1] unit = 2.0; const float[4] row; \
    const float[1, 1, 1] deep = 6.0; const float nan = {nan}; int32[2, 3] i; const int32 two = 2; const int32 three = 3
    """

  static let examples: [Example] = [
    .rewrites("h = Max(x, one); y = Min(h, six)", to: "y = Clip(x, one, six)"),
    .rewrites("h = Min(six, x); y = Max(unit, h)", to: "y = Clip(x, low_1, high_1)"),
    .rewrites("h = Relu(x); y = Min(h, six)", to: "y = Clip(x, 0.0, six)"),
    .rewrites("h = Max(i, two); y = Min(h, three)", to: "y = Clip(i, two, three)"),
    .keeps("h = Max(x, six); y = Min(h, one)", because: "the bounds cross"),
    .keeps("h = Max(x, row); y = Min(h, six)", because: "a bound is not one number"),
    .keeps("h = Max(x, one); y = Min(h, deep)", because: "a bound makes the result larger"),
    .keeps("h = Max(x, one); y = Min(h, six); z = Relu(h)", because: "others read what is between"),
    .keeps("h = Max(x, nan); y = Min(h, six)", because: "a bound is NaN", execution: .allowsNonFinite),
  ]
}

extension Match {
  /// - Parameter low: 0 where it is nil.
  fileprivate func clip(_ x: Var, _ low: Constant?, _ high: Constant, _ outer: Capture) throws -> Term {
    let type = try elementType(of: x)
    try require([.float32, .float64, .float16, .int32, .int64].contains(type), "few runtimes clip \(type)")
    try require(
      opset >= 12 || type == .float32 || type == .float16 || type == .float64, "Clip takes no \(type)")
    try require(outputHasShape(of: x, outer), "a bound makes the result larger")
    let least = try low.map { try bound($0) } ?? 0, greatest = try bound(high)
    try require(least <= greatest, "the bounds cross")
    return try Op.Clip(x, Tensor(type, rounding: [least], []), Tensor(type, rounding: [greatest], []))
  }

  private func bound(_ constant: Constant) throws -> Double {
    let tensor = try self[constant]
    let value = try unwrap(tensor.uniformValue, "a bound is not one number")
    try require(
      !value.isNaN && (!tensor.elementType.isInteger || abs(value) < 0x1p53), "a bound is no number")
    return value
  }
}
