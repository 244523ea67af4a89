import PassPipeline
import Rewriting
import TensorCore

/// Folds an inference-mode `BatchNormalization` into the convolution that feeds it.
///
/// With `k = scale / √(variance + ε)`, per output channel: `w′ = k·w`, `b′ = k·(b − mean) + beta`.
///
/// Rounding: `w′` and `b′` are rounded once, and the sum over the window is taken over scaled terms. A product
/// that overflows only before scaling no longer does, and the other way round; NaN and infinities of the
/// input still reach the outputs that they reached.
struct FuseConvBatchNorm: RewriteRule {
  static let summary = "BatchNormalization(Conv(x, w, b)) → Conv(x, w′, b′)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b")
    let scale = Constant("scale"), beta = Constant("beta")
    let mean = Constant("mean"), variance = Constant("variance")
    let conv = Capture("conv"), norm = Capture("norm")

    Op.BatchNormalization(
      Op.Conv(x, w, b.optional, as: conv.exclusive), scale, beta, mean, variance, as: norm
    ) => { m in
      try m.require(m[norm].int("training_mode") == 0, "statistics come from the batch")
      let k = try m[scale] / (m[variance] + m[norm].float("epsilon")).squareRoot()
      let bias = try m[optional: b] ?? .zeros(like: m[mean])
      return try Op.Conv(x, m[w].scalingRows(by: k), k * (bias - m[mean]) + m[beta], attributes: m[conv].attributes)
    }
  }

  static let given = "float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] s, b, m; const float[4] v in 0.1...2"

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w); y = BatchNormalization(h, s, b, m, v)", to: "y = Conv(x, w_1, b_1)"),
    .keeps(
      "h = Conv(x, w); y, mean, var = BatchNormalization<training_mode = 1>(h, s, b, m, v); return y",
      because: "statistics come from the batch"),
    .keeps(
      "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v); z = Relu(h)", because: "another node reads conv"),
  ]
}
