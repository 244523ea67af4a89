import PassPipeline
import Rewriting

/// Folds an inference-mode `BatchNormalization` into the convolution that feeds it, transposed ones included.
///
/// With `k = scale / √(variance + ε)`, for each output channel: `w′ = k·w`, `b′ = k·(b − mean) + beta`.
///
/// Legal where weights, bias and statistics are constant, nothing else reads the convolution, and every folded
/// number is finite.
///
/// Rounding: `w′` and `b′` are rounded once, and the sum over the window is taken over scaled terms. A sum that
/// overflows only before scaling no longer does, and the other way round; NaN and infinities of the input reach
/// the outputs that they reached, except that a channel with `k = 0` turns an overflowed sum into `beta`, not NaN.
struct FuseConvBatchNorm: RewriteRule {
  static let summary = "BatchNormalization(Conv(x, w, b)) → Conv(x, w′, b′)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b")
    let scale = Constant("scale"), beta = Constant("beta")
    let mean = Constant("mean"), variance = Constant("variance")
    let conv = Capture("conv"), norm = Capture("norm")

    for op in [Op.Conv, Op.ConvTranspose] {
      Op.BatchNormalization(
        op(x, w, b.optional, as: conv.exclusive), scale, beta, mean, variance, as: norm
      ) => { m in
        let weights = try m.linearWeights(w, of: conv)
        let affine = try m.affine(
          norm, scale: scale, beta: beta, mean: mean, variance: variance, channels: weights.channelCount)
        let bias = try affine.factor * (m.bias(b, of: weights) - affine.mean) + affine.beta
        return try op(
          x, weights.scaled(by: affine.factor), bias.finite(as: weights.tensor.elementType),
          attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 4, 8, 8] x; const float[4, 4, 3, 3] w; const float[4] c, s, b, m; const float[4] v in 0.1...2; \
    const float[4] negative = -1.0
    """

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)", to: "y = Conv(x, w_1, b_1)"),
    .rewrites(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, c); y = BatchNormalization<epsilon = 0.1>(h, s, b, m, v)",
      to: "y = Conv<pads = [1, 1, 1, 1]>(x, w_1, b_1)"),
    .rewrites(
      "h = Conv<group = 2>(x, u); y = BatchNormalization(h, s, b, m, v); const float[4, 2, 3, 3] u",
      to: "y = Conv<group = 2>(x, w_1, b_1)"),
    .rewrites(
      "h = ConvTranspose<group = 2>(x, u); y = BatchNormalization(h, s, b, m, v); const float[4, 2, 3, 3] u",
      to: "y = ConvTranspose<group = 2>(x, w_1, b_1)"),
    .rewrites("h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)", to: "y = Conv(x, w_1, b_1)", opset: 9),
    .keeps(
      "h = Conv(x, w); y, mean, var = BatchNormalization<training_mode = 1>(h, s, b, m, v); return y",
      because: "statistics come from the batch"),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)",
      because: "without is_test, statistics come from the batch",
      opset: 6, execution: .skipped),
    .keeps(
      "h = Conv(x, w); y, a, z = BatchNormalization(h, s, b, m, v)",
      because: "statistics come from the batch",
      opset: 9, execution: .skipped),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v); z = Relu(h)",
      because: "the convolution would be computed twice"),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v); return h, y",
      because: "the graph returns the convolution as well"),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, t, v); t = Relu(m)", because: "the mean is computed"),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, m, negative)",
      because: "a scaled weight is not finite",
      execution: .allowsNonFinite),
    .keeps("h = Relu(x); y = BatchNormalization(h, s, b, m, v)", because: "there is no convolution"),
  ]
}
