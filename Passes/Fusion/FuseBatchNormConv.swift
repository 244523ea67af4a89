import PassPipeline
import Rewriting
import TensorCore

/// Folds an inference-mode `BatchNormalization` into the convolution or `Gemm` that reads it.
///
/// With `k = scale / √(variance + ε)`, for each channel of x: `W′ = W·k`, `b′ = b + W·(beta − k·mean)`.
///
/// Legal where weights, bias and statistics are constant, nothing is padded unless `beta = k·mean` everywhere (a border
/// of zeros is not normalized), nothing else reads the normalization or the weights, and every folded number is finite.
/// For `Gemm`, `transA` is 0 and x a matrix.
///
/// Rounding: `W′` and `b′` are rounded once, and sums are taken over scaled terms. NaN and infinities reach the outputs
/// that they reached, except where `k` or a weight is 0.
struct FuseBatchNormConv: RewriteRule {
  static let summary = "Conv(BatchNormalization(x), W, b) → Conv(x, W′, b′), also Gemm"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("W"), b = Constant("b")
    let scale = Constant("scale"), beta = Constant("beta")
    let mean = Constant("mean"), variance = Constant("variance")
    let norm = Capture("norm").exclusive, linear = Capture("linear")

    for op in [Op.Conv, Op.Gemm] {
      op(Op.BatchNormalization(x, scale, beta, mean, variance, as: norm), w, b.optional, as: linear) => { m in
        try m.requireOwnWeights(of: linear)
        let weights = try m.linearWeights(w, of: linear)
        try m.requireUntransposedInput(of: linear)
        let affine = try m.affine(
          norm, scale: scale, beta: beta, mean: mean, variance: variance, channels: weights.inputCount)
        let offset = try affine.beta - affine.factor * affine.mean
        if offset.values.contains(where: { $0 != 0 }) { try m.requireNoPadding(of: linear) }
        let bias = try m.bias(b, of: weights, plus: weights.response(to: offset), linear)
        return try op(
          x, weights.scaledInputs(by: affine.factor), bias, attributes: m[linear].attributes)
      }
    }
  }

  static let given = """
    float[N, 4, 8, 8] x; const float[2, 4, 3, 3] w; const float[6, 2, 3, 3] g; const float[2] c; const float[4] s, b, m; \
    const float[4] v in 0.1...2; const float[4, 5] p; const float[5, 4] q; const float[5] d; float[N, 4] r; \
    const float[4] zero = 0.0; float[4, N] u
    """

  static let examples: [Example] = [
    .rewrites("h = BatchNormalization(x, s, b, m, v); y = Conv(h, w, c)", to: "y = Conv(x, w_1, b_1)"),
    .rewrites(
      "h = BatchNormalization(x, s, b, m, v); y = Conv<group = 2>(h, g)",
      to: "y = Conv<group = 2>(x, w_1, b_1)"),
    .rewrites(
      "h = BatchNormalization(x, s, zero, zero, v); y = Conv<pads = [1, 1, 1, 1]>(h, w, c)",
      to: "y = Conv<pads = [1, 1, 1, 1]>(x, w_1, b_1)"),
    .rewrites("h = BatchNormalization(r, s, b, m, v); y = Gemm(h, p, d)", to: "y = Gemm(r, w_1, b_1)"),
    .rewrites(
      "h = BatchNormalization(r, s, b, m, v); y = Gemm<transB = 1>(h, q)",
      to: "y = Gemm<transB = 1>(r, w_1, b_1)"),
    .keeps(
      "h = BatchNormalization(x, s, b, m, v); y = Conv<pads = [1, 1, 1, 1]>(h, w, c)",
      because: "the border is not normalized"),
    .keeps(
      "h = BatchNormalization(x, s, b, m, v); k = Relu(h); y = Conv(k, w, c)",
      because: "an activation is between"),
    .keeps(
      "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w, c); z = Relu(h)",
      because: "the normalization is read twice"),
    .keeps(
      "h, mean, var = BatchNormalization<training_mode = 1>(x, s, b, m, v); y = Conv(h, w, c); return y",
      because: "statistics come from the batch"),
    .keeps(
      "h = BatchNormalization(x, s, b, m, v); y = Conv(h, w, c); z = Neg(w)",
      because: "W would be stored twice"),
    .keeps(
      "h = BatchNormalization(r, s, b, m, v); k = Transpose(h); y = Gemm<transA = 1>(k, p, d)",
      because: "a transposition is between"),
  ]
}

extension Match {
  fileprivate func bias(
    _ bias: Constant, of weights: LinearWeights, plus response: RealTensor, _ linear: Capture
  ) throws -> Tensor {
    let node = try self[linear]
    guard node.op.name == "Gemm" else {
      return try (self.bias(bias, of: weights) + response).finite(as: weights.tensor.elementType)
    }
    let alpha = try node.float("alpha"), beta = try node.float("beta")
    guard let old = self[optional: bias] else {
      return try (alpha / beta * response).finite(as: weights.tensor.elementType)
    }
    try require(
      old.elementCount == 1 || (old.elementCount == response.values.count && old.rank == 1),
      "the bias differs within a column")
    return try (old + alpha / beta * response).finite(as: old.elementType)
  }
}
