import PassPipeline
import Rewriting
import TensorCore

/// Pads at once what two `Pad` with the same constant pad one after the other: amounts are added.
///
/// Legal where amounts and values are constant and amounts are not negative (cropping after padding could cut off
/// more than was padded).
struct MergePads: RewriteRule {
  static let summary = "Pad(Pad(x, p, v), q, v) → Pad(x, p + q, v)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Pad(Op.Pad(x, first, as: inner), second, as: outer) => { m in
      try m.require(
        m[inner].string("mode") == "constant" && m[outer].string("mode") == "constant",
        "the padding is not constant")
      let value = try m.commonValue(inner, outer)
      let rank = try m.padRank(x, inner, outer)
      let amounts = try [m.fullPads(of: m[inner], rank: rank), m.fullPads(of: m[outer], rank: rank)]
      try m.require(amounts.joined().allSatisfy { $0 >= 0 }, "one of them crops")
      let sums = try zip(amounts[0], amounts[1]).map { try m.sum($0, $1) }
      return try Op.Pad(x, Tensor(int64: sums), value)
    }
  }

  static let given = """
    float[N, 3] x; const int64[4] p = {0, 1, 0, 2}; const int64[4] q = {1, 1, 0, 0}; const int64[2] r = {1, 2}; \
    const int64[1] last = {-1}; const float half = 0.5; const float zero = 0.0; const int64[4] crop = {0, -1, 0, 0}; \
    int64[4] v; float[] unknown
    """

  static let examples: [Example] = [
    .rewrites("h = Pad(x, p); y = Pad(h, q)", to: "y = Pad(x, {1, 2, 0, 2})"),
    .rewrites("h = Pad(x, p, half); y = Pad(h, q, half)", to: "y = Pad(x, {1, 2, 0, 2}, half)"),
    .rewrites("h = Pad(x, p); y = Pad(h, q, zero)", to: "y = Pad(x, {1, 2, 0, 2}, zero)"),
    .rewrites("h = Pad(x, r, , last); y = Pad(h, q)", to: "y = Pad(x, {1, 2, 0, 2})"),
    .rewrites(
      "h = Pad<pads = [0, 1, 0, 2], value = 0.5>(x); y = Pad<pads = [1, 1, 0, 0], value = 0.5>(h)",
      to: "y = Pad<pads = [1, 2, 0, 2], value = 0.5>(x)", opset: 10),
    .keeps("h = Pad(x, p); y = Pad(h, q, half)", because: "the values differ"),
    .keeps("h = Pad<mode = \"edge\">(x, p); y = Pad(h, p)", because: "the padding is not constant"),
    .keeps("h = Pad(x, crop); y = Pad(h, p)", because: "one of them crops"),
    .keeps("h = Pad(x, v); y = Pad(h, p)", because: "the amounts are computed", execution: .skipped),
    .keeps(
      "h = Pad(unknown, r, , last); y = Pad(h, r, , last)", because: "the rank is unknown",
      execution: .skipped),
  ]
}

extension Match {
  /// The value with which both pad; nil where both leave it out.
  fileprivate func commonValue(_ inner: Capture, _ outer: Capture) throws -> Tensor? {
    let first = try self[inner].optionalConstant("constant_value")
    let second = try self[outer].optionalConstant("constant_value")
    let values = [first, second].map { $0.map(\.uniformValue) ?? 0 }
    try require(values[0] != nil && values[0]?.bitPattern == values[1]?.bitPattern, "the values differ")
    return second ?? first
  }

  fileprivate func padRank(_ x: Var, _ inner: Capture, _ outer: Capture) throws -> Int {
    if let rank = model.shape(of: try self[x])?.rank { return rank }
    for node in [try self[inner], try self[outer]] where !node.has("axes") {
      let amounts = try node.ints("pads")
      if amounts.count % 2 == 0 { return amounts.count / 2 }
    }
    throw MatchFailure("the rank is unknown")
  }
}
