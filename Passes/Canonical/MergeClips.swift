import PassPipeline
import Rewriting
import TensorCore

/// Merges bounds: `Clip` and `Relu` (the bounds 0 and ∞) after one another are one `Clip`.
///
/// `Clip` with bounds c, d is f(y) = min(max(y, c), d); after bounds a, b it does what bounds f(a), f(b) do. A bound
/// that is left out is the least or greatest finite number of the type.
///
/// Legal where bounds are constant numbers, and those of 64-bit integers below 2⁵³.
///
/// Rounding: nothing is rounded; a zero may change its sign. What operators make of NaN is up to the runtime: where
/// they keep it, it is kept, and where they replace it by a bound, it is replaced by the same number.
struct MergeClips: RewriteRule {
  static let summary = "Clip(Clip(x, a, b), c, d) → Clip(x, max(a, c), min(b, d))"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Clip(Op.Clip(x, first, as: inner), second, as: outer) => { m in
      try m.merged(x, m.bounds(of: inner, x), m.bounds(of: outer, x))
    }
    Op.Clip(Op.Relu(x), second, as: outer) => { m in
      try m.merged(x, .relu, m.bounds(of: outer, x))
    }
    Op.Relu(Op.Clip(x, first, as: inner)) => { m in
      try m.merged(x, m.bounds(of: inner, x), .relu)
    }
  }

  static let given = """
    float[2, 3] x in -3...9; float16[2, 3] half in -3...9; int32[2, 3] i; const float low = {-1}; const float one = {1}; \
    const float six = {6}; const float seven = {7}; const float nan = {nan}; float v; \
    const int32 two = {2}; const int32 three = {3}; const float16 four = {4.0}
    """

  static let examples: [Example] = [
    .rewrites("h = Clip(x, low, six); y = Clip(h, one, seven)", to: "y = Clip(x, one, six)"),
    .rewrites("h = Relu(x); y = Clip(h, low, six)", to: "y = Clip(x, 0.0, six)"),
    .rewrites("h = Clip(x, low, six); y = Relu(h)", to: "y = Clip(x, 0.0, six)"),
    .rewrites("h = Clip(x, , one); y = Clip(h, six)", to: "y = Clip(x, low_1, high_1)"),
    .rewrites("h = Relu(half); y = Clip(h, , four)", to: "y = Clip(half, low_1, four)"),
    .rewrites("h = Clip(i, two); y = Clip(h, , three)", to: "y = Clip(i, two, three)"),
    .rewrites(
      "h = Relu(x); y = Clip<min = -1.0, max = 6.0>(h)", to: "y = Clip<min = 0.0, max = 6.0>(x)", opset: 9),
    .keeps("h = Clip(x, low, v); y = Relu(h)", because: "a bound is computed"),
    .keeps("h = Clip(x, nan, six); y = Relu(h)", because: "a bound is NaN", execution: .allowsNonFinite),
    .keeps("h = Relu(x); y = Relu(h)", because: "no Clip is there to merge with"),
    .keeps("h = Clip(x, low, six); y = LeakyRelu(h)", because: "LeakyRelu has no bounds"),
    .keeps(
      "h = Clip(x, low, six); g = Neg(h); y = Clip(g, low, six)", because: "another operator is between"),
    .keeps("y = Clip(x, low, six)", because: "there is one"),
    .keeps("h = Clip(x, low, one); y = Sign(h)", because: "Sign has no bounds"),
  ]
}

private struct ClipBounds {
  var low: Double
  var high: Double

  static let relu = ClipBounds(low: 0, high: .infinity)

  func callAsFunction(_ value: Double) -> Double { min(max(value, low), high) }
}

extension Match {
  fileprivate func bounds(of clip: Capture, _ x: Var) throws -> ClipBounds {
    let range = try finiteRange(of: x)
    let node = try self[clip]
    let low = try node.optionalBound("min") ?? range.lowerBound
    let high = try node.optionalBound("max") ?? range.upperBound
    try require(!low.isNaN && !high.isNaN, "a bound is not a number")
    return ClipBounds(low: low, high: high)
  }

  private func finiteRange(of x: Var) throws -> ClosedRange<Double> {
    let type = try elementType(of: x)
    return try unwrap(type.finiteRange, "the bounds of \(type) are unknown")
  }

  fileprivate func merged(_ x: Var, _ first: ClipBounds, _ second: ClipBounds) throws -> Term {
    let range = try finiteRange(of: x)
    let low = try bound(second(first.low), of: x, leftOutAs: range.lowerBound)
    let high = try bound(second(first.high), of: x, leftOutAs: range.upperBound)
    return Op.Clip(x, low, high)
  }

  private func bound(_ value: Double, of x: Var, leftOutAs limit: Double) throws -> Tensor? {
    if value == limit { return nil }
    let type = try elementType(of: x)
    try require(!type.isInteger || abs(value) <= 0x1p53, "a bound is too large")
    return try Tensor(type, rounding: [value], [])
  }
}

extension NodeView {
  /// Nil where it is left out. (Version 6 has defaults, which are those of `float`, whatever the type.)
  fileprivate func optionalBound(_ name: String) throws -> Double? {
    if !has(name) { return try? float(name) }
    guard let tensor = try optionalConstant(name) else { throw MatchFailure("'\(name)' is no number") }
    guard let value = tensor.scalarValue else { throw MatchFailure("'\(name)' is no number") }
    return value
  }
}
