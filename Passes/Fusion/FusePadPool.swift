import PassPipeline
import Rewriting
import TensorCore

/// Lets pooling pad what a `Pad` pads before it.
///
/// Legal where mode, amounts and value are constant, amounts are not negative, on spatial axes only and smaller
/// than the kernel, sizes are not rounded up (`ceil_mode`), `auto_pad` is `NOTSET` or `VALID`, and
/// 1. for `MaxPool`, which pads with −∞: the value is −∞, or it is 0 and x is the result of an operator that gives no
///    negative numbers; every window reaches into x, and the indices are not asked for;
/// 2. for `AveragePool`, which pads with 0 and then counts it on request: the value is 0, and the node counts
///    its own pads or has none.
///
/// Rounding: an average may be summed in another order. −0 may become 0 and the other way round.
struct FusePadPool: RewriteRule {
  static let summary = "MaxPool(Pad(x)) → MaxPool<pads>(x), also AveragePool"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), parameters = Variadic("parameters")
    let pad = Capture("pad"), pool = Capture("pool")

    Op.MaxPool(Op.Pad(x, parameters, as: pad), as: pool) => { m in
      let value = try m.padValue(pad)
      try m.require(
        value == -.infinity || (value == 0 && m.isNonNegative(m[x])), "the padding may be the maximum")
      let attributes = try m.paddedAttributes(pool, pad)
      return Op.MaxPool(x, attributes: attributes)
    }
    Op.AveragePool(Op.Pad(x, parameters, as: pad), as: pool) => { m in
      try m.require(m.padValue(pad) == 0, "the padding is not 0")
      try m.require(
        m[pool].int("count_include_pad") != 0 || m.ownPads(pool)?.allSatisfy { $0 == 0 } ?? true,
        "one padding counts and the other does not")
      let attributes = try m.paddedAttributes(pool, pad)
      return Op.AveragePool(x, attributes: attributes.setting("count_include_pad", to: 1))
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const int64[8] p = {0, 0, 1, 1, 0, 0, 0, 1}; const int64[8] wide = {0, 0, 3, 0, 0, 0, 0, 0}; \
    const int64[8] batch = {1, 0, 1, 1, 0, 0, 1, 1}; const float least = {-inf}; const float one = 1.0
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Pad(x, p, least); y = MaxPool<kernel_shape = [3, 3], strides = [2, 2]>(h)",
      to: "y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 0, 1]>(x)"),
    .rewrites(
      "r = Relu(x); h = Pad(r, p); y = MaxPool<kernel_shape = [3, 3], pads = [0, 0, 1, 0]>(h)",
      to: "r = Relu(x); y = MaxPool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(r)"),
    .rewrites(
      "h = Pad(x, p); y = AveragePool<kernel_shape = [3, 3]>(h)",
      to: "y = AveragePool<kernel_shape = [3, 3], pads = [1, 1, 0, 1], count_include_pad = 1>(x)"),
    .keeps("h = Pad(x, p); y = MaxPool<kernel_shape = [3, 3]>(h)", because: "0 may be the maximum"),
    .keeps("h = Pad(x, p, one); y = AveragePool<kernel_shape = [3, 3]>(h)", because: "the padding is not 0"),
    .keeps(
      "h = Pad(x, p); y = AveragePool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(h)",
      because: "one padding counts and the other does not"),
    .keeps(
      "h = Pad(x, wide, least); y = MaxPool<kernel_shape = [3, 3]>(h)",
      because: "a window lies in the padding", execution: .allowsNonFinite),
    .keeps(
      "h = Pad(x, p); y = AveragePool<kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1>(h)",
      because: "sizes are rounded up"),
    .keeps("h = Pad(x, batch); y = AveragePool<kernel_shape = [3, 3]>(h)", because: "the batch is padded"),
    .keeps(
      "h = Pad<mode = \"edge\">(x, p); y = AveragePool<kernel_shape = [3, 3]>(h)",
      because: "the padding is not constant"),
  ]
}

extension Match {
  fileprivate func padValue(_ pad: Capture) throws -> Double? {
    try require(self[pad].string("mode") == "constant", "the padding is not constant")
    return try self[pad].optionalConstant("constant_value").map { $0.uniformValue } ?? 0
  }

  /// Nil where it has none.
  fileprivate func ownPads(_ pool: Capture) throws -> [Int]? {
    try self[pool].optionalString("auto_pad") == "VALID" ? nil : self[pool].optionalInts("pads")
  }

  /// The attributes of `pool` with its own pads and those of `pad`.
  fileprivate func paddedAttributes(_ pool: Capture, _ pad: Capture) throws -> AttributeList {
    let node = try self[pool]
    let mode = try node.optionalString("auto_pad") ?? "NOTSET"
    try require(["NOTSET", "VALID"].contains(mode), "auto_pad depends on the padded size")
    try require(!node.has("ceil_mode") || node.int("ceil_mode") == 0, "sizes are rounded up")
    let kernel = try node.ints("kernel_shape"), count = kernel.count
    let amounts = try fullPads(of: self[pad], rank: count + 2)
    let others = [0, 1, count + 2, count + 3].map { amounts[$0] }
    try require(others.allSatisfy { $0 == 0 }, "other axes are padded")
    let added = Array(amounts[2..<(count + 2)] + amounts[(count + 4)...])
    let own = try ownPads(pool) ?? [Int](repeating: 0, count: 2 * count)
    try require(own.count == added.count, "the pads do not fit the kernel")
    let pads = try zip(added, own).map { try sum($0, $1) }
    try require(
      (added + own).allSatisfy { $0 >= 0 } && pads.indices.allSatisfy { pads[$0] < kernel[$0 % count] },
      "a window lies in the padding")
    return node.attributes.removing("auto_pad").setting("pads", to: AttributeLiteral(pads))
  }
}
