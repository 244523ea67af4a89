import PassPipeline
import Rewriting

/// Folds the multiplication by a constant into the convolution that feeds it, transposed ones included:
/// `w′ = c·w`, `b′ = c·b` for each output channel.
///
/// Legal where weights, bias and `c` are constant, `c` is one number for each channel or for all, nothing else
/// reads the convolution, and every folded number is finite.
///
/// Rounding: `w′` and `b′` are rounded once. A sum over the window that overflows only before scaling no longer
/// does, and the other way round; NaN and infinities of the input reach the outputs that they reached, except that
/// `c = 0` turns an overflowed sum into 0, not NaN.
struct FuseConvMul: RewriteRule {
  static let summary = "Mul(Conv(x, w, b), c) → Conv(x, c·w, c·b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b"), c = Constant("c"), conv = Capture("conv")

    for op in [Op.Conv, Op.ConvTranspose] {
      Op.Mul(op(x, w, b.optional, as: conv.exclusive), c).commuting => { m in
        let weights = try m.linearWeights(w, of: conv)
        let factors = try m.perChannel(c, of: weights)
        let bias = try m[optional: b].map { _ in
          try (factors * m.bias(b, of: weights)).finite(as: weights.tensor.elementType)
        }
        return try op(x, weights.scaled(by: factors), bias, attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] b; const float[4, 1, 1] c; const float[6] row; \
    const float half = 0.5; const float[1, 1, 1, 1, 1] deep = 1.5; const float infinite = inf
    """

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w, b); y = Mul(h, c)", to: "y = Conv(x, w_1, b_1)"),
    .rewrites("h = Conv(x, w); y = Mul(half, h)", to: "y = Conv(x, w_1)"),
    .rewrites(
      "h = ConvTranspose<group = 3>(x, u); y = Mul(h, d); const float[3, 2, 3, 3] u; const float[6, 1, 1] d",
      to: "y = ConvTranspose<group = 3>(x, w_1)"),
    .rewrites(
      "h = Conv(x, w); y = Mul(h, c)", to: "y = Conv(x, w_1)",
      given: "float16[N, 3, 8, 8] x; const float16[4, 3, 3, 3] w; const float16[4, 1, 1] c"),
    .keeps(
      "h = Conv(x, w); y = Mul(h, c)", because: "float16 weights of 1e-6 have few digits",
      given: "float16[N, 3, 8, 8] x; const float16[4, 3, 3, 3] w; const float16 c = 1.0e-6"),
    .keeps("h = Conv(x, w); y = Mul(h, row)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Mul(h, deep)", because: "c raises the rank"),
    .keeps(
      "h = Conv(x, w); y = Mul(h, infinite)", because: "a scaled weight is not finite",
      execution: .allowsNonFinite),
    .keeps("h = Conv(x, w); y = Mul(h, h)", because: "both are computed"),
    .keeps("h = Conv(x, w); y = Mul(h, c); z = Relu(h)", because: "the convolution would be computed twice"),
  ]
}
