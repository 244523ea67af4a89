import PassPipeline
import Rewriting

/// Folds the addition of a constant into the bias of the convolution that feeds it, transposed ones included:
/// `b′ = b + c`.
///
/// Legal where weights, bias and `c` are constant, `c` is one number for each channel ([1, C, 1, …], [C, 1, …])
/// or for all (any shape of ones whose rank is not above the convolution's), and nothing else reads the
/// convolution.
///
/// Rounding: `b + c` is rounded once, and is then added to the sum over the window. NaN and infinities of the input
/// reach the outputs that they reached; `b′` is finite.
struct FuseConvAdd: RewriteRule {
  static let summary = "Add(Conv(x, w, b), c) → Conv(x, w, b + c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b"), c = Constant("c"), conv = Capture("conv")

    for op in [Op.Conv, Op.ConvTranspose] {
      Op.Add(op(x, w, b.optional, as: conv.exclusive), c).commuting => { m in
        let weights = try m.linearWeights(w, of: conv)
        let bias = try m.bias(b, of: weights) + m.perChannel(c, of: weights)
        return try op(x, w, bias.finite(as: weights.tensor.elementType), attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] b; const float[4, 1, 1] c; \
    const float[1, 4, 1, 1] d; const float one = 1.0; const float[1, 1, 1, 1, 1] deep = 1.0; \
    const float[6] row; const float[1, 4, 6, 6] plane; float[4, 1, 1] v
    """

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w); y = Add(h, c)", to: "y = Conv(x, w, b_1)"),
    .rewrites(
      "h = Conv<strides = [2, 2]>(x, w, b); y = Add(d, h)", to: "y = Conv<strides = [2, 2]>(x, w, b_1)"),
    .rewrites("h = Conv(x, w, b); y = Add(h, one)", to: "y = Conv(x, w, b_1)"),
    .rewrites(
      "h = ConvTranspose<group = 3>(x, u); y = Add(h, e); const float[3, 2, 3, 3] u; const float[6, 1, 1] e",
      to: "y = ConvTranspose<group = 3>(x, u, b_1); const float[3, 2, 3, 3] u"),
    .keeps("h = Conv(x, w); y = Add(h, row)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Add(h, plane)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Add(h, deep)", because: "c raises the rank"),
    .keeps(
      "h = Conv(x, u); y = Add(h, c); const float[1, 3, 3, 3] u",
      because: "one channel becomes four"),
    .keeps("h = Conv(x, w); y = Add(h, v)", because: "c is computed"),
    .keeps(
      "h = Conv(x, w); y = Add<axis = 1, broadcast = 1>(h, b)",
      because: "it broadcasts as newer versions do not",
      opset: 6, execution: .skipped),
    .keeps("h = Conv(x, w); y = Add(h, c); z = Relu(h)", because: "the convolution would be computed twice"),
  ]
}
