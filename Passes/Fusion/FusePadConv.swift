import PassPipeline
import Rewriting
import TensorCore

/// Lets the convolution pad what a `Pad` with zeros pads before it.
///
/// Legal where mode, amounts and value are constant, the value is 0, amounts are not negative and on spatial axes
/// only, and the convolution's `auto_pad` is `NOTSET` or `VALID` (the others depend on the padded size).
///
/// Rounding: a runtime may leave out the products with padding. Where a weight is NaN or infinite, such a product
/// was NaN, and may now be left out.
struct FusePadConv: RewriteRule {
  static let summary = "Conv(Pad(x), w, b) → Conv<pads>(x, w, b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Var("w"), parameters = Variadic("parameters"), rest = Variadic("rest")
    let pad = Capture("pad"), conv = Capture("conv")

    Op.Conv(Op.Pad(x, parameters, as: pad), w, rest, as: conv) => { m in
      try m.require(m.rank(of: w) >= 3, "the weights have no spatial axes")
      try m.require(m[pad].string("mode") == "constant", "the padding is not constant")
      try m.require(
        m[pad].optionalConstant("constant_value").map { $0.uniformValue == 0 } ?? true, "it is not 0")
      let added = try m.spatialPads(of: pad, rank: m.rank(of: w))
      let pads = try zip(added, m.pads(of: conv, count: added.count)).map { try m.sum($0, $1) }
      let attributes = try m[conv].attributes.removing("auto_pad")
      return Op.Conv(x, w, rest, attributes: attributes.setting("pads", to: AttributeLiteral(pads)))
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] b; \
    const int64[8] p = {0, 0, 1, 2, 0, 0, 3, 4}; const int64[2] short = {1, 2}; const int64[1] last = {3}; \
    const int64[8] batch = {1, 0, 1, 1, 0, 0, 1, 1}; const int64[8] crop = {0, 0, -1, 0, 0, 0, 0, 0}; \
    const float zero = 0.0; const float one = 1.0; int64[8] v
    """

  static let examples: [Example] = [
    .rewrites("h = Pad(x, p); y = Conv(h, w)", to: "y = Conv<pads = [1, 2, 3, 4]>(x, w)"),
    .rewrites(
      "h = Pad(x, p, zero); y = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(h, w, b)",
      to: "y = Conv<strides = [2, 2], pads = [2, 3, 4, 5]>(x, w, b)"),
    .rewrites("h = Pad(x, short, , last); y = Conv(h, w)", to: "y = Conv<pads = [0, 1, 0, 2]>(x, w)"),
    .rewrites(
      "h = Pad<pads = [0, 0, 1, 1, 0, 0, 1, 1]>(x); y = Conv<auto_pad = \"VALID\">(h, w)",
      to: "y = Conv<pads = [1, 1, 1, 1]>(x, w)", opset: 9),
    .keeps("h = Pad(x, p, one); y = Conv(h, w)", because: "the padding is not 0"),
    .keeps(
      "h = Pad<pads = [0, 0, 1, 1, 0, 0, 1, 1], value = 1.0>(x); y = Conv(h, w)",
      because: "the padding is not 0",
      opset: 9),
    .keeps("h = Pad<mode = \"reflect\">(x, p); y = Conv(h, w)", because: "the padding is not constant"),
    .keeps("h = Pad(x, batch); y = Conv(h, w)", because: "the batch is padded"),
    .keeps("h = Pad(x, crop); y = Conv(h, w)", because: "it crops"),
    .keeps("h = Pad(x, v); y = Conv(h, w)", because: "the amounts are computed", execution: .skipped),
    .keeps(
      "h = Pad(x, p); y = Conv<auto_pad = \"SAME_UPPER\">(h, w)",
      because: "auto_pad depends on the padded size"),
  ]
}

extension Match {
  /// What the node pads at the beginnings, then at the ends, of the spatial axes.
  fileprivate func spatialPads(of pad: Capture, rank: Int) throws -> [Int] {
    try require(rank >= 2, "there are no spatial axes")
    let amounts = try fullPads(of: self[pad], rank: rank)
    try require(amounts.allSatisfy { $0 >= 0 }, "it crops")
    let spatial = [amounts[2..<rank], amounts[(rank + 2)...]].flatMap { $0 }
    try require(
      [amounts[0], amounts[1], amounts[rank], amounts[rank + 1]] == [0, 0, 0, 0], "other axes are padded")
    return spatial
  }

  fileprivate func pads(of conv: Capture, count: Int) throws -> [Int] {
    let node = try self[conv]
    let mode = try node.optionalString("auto_pad") ?? "NOTSET"
    try require(["NOTSET", "VALID"].contains(mode), "auto_pad depends on the padded size")
    guard mode == "NOTSET", let pads = try node.optionalInts("pads") else {
      return [Int](repeating: 0, count: count)
    }
    try require(pads.count == count, "the convolution has pads \(pads)")
    return pads
  }
}
