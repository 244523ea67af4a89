import PassPipeline
import Rewriting

/// Folds the subtraction of a constant from a convolution, transposed ones included, or the other way round:
///
/// - `Conv(x, w, b) − c` → `Conv(x, w, b − c)`
/// - `c − Conv(x, w, b)` → `Conv(x, −w, c − b)`
///
/// Legal where weights, bias and `c` are constant, `c` is one number for each channel or for all, and nothing else
/// reads the convolution.
///
/// Rounding: the new bias is rounded once, and is then added to the sum over the window; negating is exact. NaN and
/// infinities of the input reach the outputs that they reached; the new bias is finite.
struct FuseConvSub: RewriteRule {
  static let summary = "Sub(Conv(x, w, b), c) → Conv(x, w, b − c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b"), c = Constant("c"), conv = Capture("conv")

    for op in [Op.Conv, Op.ConvTranspose] {
      Op.Sub(op(x, w, b.optional, as: conv.exclusive), c) => { m in
        let weights = try m.linearWeights(w, of: conv)
        let bias = try m.bias(b, of: weights) - m.perChannel(c, of: weights)
        return try op(x, w, bias.finite(as: weights.tensor.elementType), attributes: m[conv].attributes)
      }
      Op.Sub(c, op(x, w, b.optional, as: conv.exclusive)) => { m in
        let weights = try m.linearWeights(w, of: conv)
        let bias = try m.perChannel(c, of: weights) - m.bias(b, of: weights)
        return try op(
          x, weights.scaled(by: bias.map { _ in -1 }), bias.finite(as: weights.tensor.elementType),
          attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] b; const float[4, 1, 1] c; const float[6] row; \
    const float half = 0.5
    """

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w, b); y = Sub(h, c)", to: "y = Conv(x, w, b_1)"),
    .rewrites("h = Conv(x, w); y = Sub(half, h)", to: "y = Conv(x, w_1, b_1)"),
    .rewrites(
      "h = ConvTranspose(x, u); y = Sub(half, h); const float[3, 2, 3, 3] u",
      to: "y = ConvTranspose(x, w_1, b_1)"),
    .keeps("h = Conv(x, w); y = Sub(h, row)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Sub(row, h)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Sub(h, c); z = Relu(h)", because: "the convolution would be computed twice"),
  ]
}
