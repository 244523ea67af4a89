import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `GroupNormalization`, which exporters write as an `InstanceNormalization` of x with its channels in groups,
/// followed by a factor and a summand for each channel.
///
/// Legal from operator set 21 on for single and half precision, where the first reshape is [0, groups, −1] and the second
/// gives back the shape of x, scale and bias of the groups are 1 and 0, those of the channels constant, and nothing else
/// reads the parts.
///
/// Not in `rules(*)`: ONNX Runtime has a kernel for `InstanceNormalization`, but computes `GroupNormalization` by the
/// operator's definition, in twice the time.
///
/// Rounding: statistics are summed in another order. NaN and infinities spread over the same groups.
struct FuseGroupNormalization: RewriteRule {
  static let summary = "Reshape(InstanceNormalization(Reshape(x))) · s + b → GroupNormalization(x, s, b)"
  static let exactness = Exactness.rounding
  static let isDefault = false

  var body: [Rewrite] {
    let x = Var("x"), shape = Var("shape"), scale = Constant("scale"), bias = Constant("bias")
    let inner = Capture("inner").exclusive, norm = Capture("norm").exclusive,
      outer = Capture("outer").exclusive
    let product = Capture("product").exclusive, groups = Constant("groups")
    let normalized = Op.InstanceNormalization(Op.Reshape(x, groups, as: inner), 1.0, 0.0, as: norm)

    Op.Add(Op.Mul(Op.Reshape(normalized, shape, as: outer), scale, as: product).commuting, bias).commuting
      => { m in
        try m.requireHalfOrSingle(x)
        let sizes = try m[groups].integers()
        try m.require(
          sizes.count == 3 && sizes[0] == 0 && sizes[1] > 0 && sizes[2] == -1, "the groups are others")
        let whole = try m.shape(of: x)
        try m.require(whole.rank >= 2, "there are no channels")
        let channels = try m.unwrap(whole[1].fixedSize, "the channels are unknown")
        try m.require(channels % sizes[1] == 0, "the groups do not divide the channels")
        try m.require(m[outer].outputShape?.isKnownEqual(to: whole) == true, "the shape of x is not restored")
        try m.requireShapeOfRoot(is: x)
        return try Op.GroupNormalization(
          x, m.channelParameter(scale, channels, rank: whole.rank),
          m.channelParameter(bias, channels, rank: whole.rank),
          attributes: [
            "num_groups": AttributeLiteral(sizes[1]),
            "epsilon": AttributeLiteral(.float(Float(m[norm].float("epsilon")))),
          ])
      }
  }

  static let given = """
    float[N, 6, 4, 4] x; const int64[3] three = {0, 3, -1}; const int64[3] flat = {0, 6, -1}; const float[3] one = 1.0; \
    const float[3] zero = 0.0; const float[6, 1, 1] s, b; const int64[4] back = {0, 6, 4, 4}; const float[4] row; \
    const int64[4] other = {0, 6, 2, 8}; const float[6, 1, 1] t
    """

  static let examples: [Example] = [
    .rewrites(
      """
      r = Reshape(x, three); i = InstanceNormalization(r, one, zero); k = Reshape(i, back); m = Mul(k, s); y = Add(m, b)
      """, to: "y = GroupNormalization<num_groups = 3, epsilon = 1.0e-5>(x, s_1, b_1)"),
    .keeps(
      """
      r = Reshape(x, three); i = InstanceNormalization(r, one, zero); k = Reshape(i, back); m = Mul(k, s); y = Add(m, b)
      """, because: "GroupNormalization is not in the operator set that the model imports", opset: 17),
    .keeps(
      """
      r = Reshape(x, three); i = InstanceNormalization(r, zero, one); k = Reshape(i, back); m = Mul(k, s); y = Add(m, b)
      """, because: "the groups have a scale"),
    .keeps(
      """
      r = Reshape(x, three); i = InstanceNormalization(r, one, zero); k = Reshape(i, back); m = Mul(k, row); y = Add(m, b)
      """, because: "the factor differs within a channel"),
    .keeps(
      """
      r = Reshape(x, three); i = InstanceNormalization(r, one, zero); k = Reshape(i, back); m = Mul(k, s); y = Add(m, b); \
      z = Neg(m)
      """, because: "the product is read twice"),
  ]
}

extension Match {
  /// One number for each channel, of a constant that lies along the second axis.
  fileprivate func channelParameter(_ constant: Constant, _ channels: Int, rank: Int) throws -> Tensor {
    let tensor = try self[constant]
    try require(
      tensor.dimensions == [channels] + [Int](repeating: 1, count: rank - 2),
      "\(constant.name) is not one number for each channel")
    return try tensor.reshaped(to: [channels])
  }
}
