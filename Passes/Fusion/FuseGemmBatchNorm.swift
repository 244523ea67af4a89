import PassPipeline
import Rewriting

/// Folds an inference-mode `BatchNormalization` of rows into the matrix product that feeds it.
///
/// With `k = scale / √(variance + ε)`, for each column of the product: `B′ = k·B`, and
/// - `MatMul(A, B)` → `Gemm(A, B′, beta − k·mean)`
/// - `Gemm(A, B, C)` → `Gemm(A, B′, k·(β·C − mean) + beta)`, with the old α and transpositions, and β = 1
///
/// Legal where `B`, `C` and the statistics are constant, `C` is one number for each column or for all, `A` has rank
/// 2 (with any other, the channels are not the product's last axis), nothing else reads the product, and every
/// folded number is finite.
///
/// Rounding: `B′` and the new `C` are rounded once, and sums are taken over scaled terms. A sum that overflows only
/// before scaling no longer does, and the other way round; NaN and infinities of the input reach the outputs that
/// they reached, except that a column with `k = 0` turns an overflowed sum into `beta`, not NaN.
struct FuseGemmBatchNorm: RewriteRule {
  static let summary = "BatchNormalization(Gemm(A, B, C)) → Gemm(A, B′, C′)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), b = Constant("B"), c = Constant("C")
    let scale = Constant("scale"), beta = Constant("beta")
    let mean = Constant("mean"), variance = Constant("variance")
    let product = Capture("product"), norm = Capture("norm")

    Op.BatchNormalization(
      Op.Gemm(a, b, c.optional, as: product.exclusive).or(Op.MatMul(a, b, as: product.exclusive)),
      scale, beta, mean, variance, as: norm
    ) => { m in
      let weights = try m.linearWeights(b, of: product)
      try m.requireGemm(a, weights.tensor.elementType)
      let affine = try m.affine(
        norm, scale: scale, beta: beta, mean: mean, variance: variance, channels: weights.channelCount)
      let bias = try affine.factor * (m.columnBias(c, of: product, weights) - affine.mean) + affine.beta
      let isGemm = try m[product].op.name == "Gemm"
      return try Op.Gemm(
        a, weights.scaled(by: affine.factor), bias.finite(as: weights.tensor.elementType),
        attributes: isGemm ? m[product].attributes.removing("beta") : [:])
    }
  }

  static let given = """
    float[N, 3] x; float[N, 2, 3] cube; const float[3, 4] w; const float[4, 3] t; \
    const float[4] c, s, b, m; const float[4] v in 0.1...2; const float[2, 1] column; const float[2] s2, b2, m2; \
    const float[2] v2 in 0.1...2; const float[3, 5] w5
    """

  static let examples: [Example] = [
    .rewrites("h = MatMul(x, w); y = BatchNormalization(h, s, b, m, v)", to: "y = Gemm(x, w_1, b_1)"),
    .rewrites(
      "h = Gemm<transB = 1, alpha = 0.5, beta = 2.0>(x, t, c); y = BatchNormalization(h, s, b, m, v)",
      to: "y = Gemm<transB = 1, alpha = 0.5>(x, w_1, b_1)"),
    .rewrites("h = Gemm(x, w); y = BatchNormalization(h, s, b, m, v)", to: "y = Gemm(x, w_1, b_1)"),
    .keeps(
      "h = MatMul(cube, w5); y = BatchNormalization(h, s2, b2, m2, v2)",
      because: "the channels are not its columns"),
    .keeps(
      "h = Gemm(r, w, column); y = BatchNormalization(h, s, b, m, v); float[2, 3] r",
      because: "C differs within a column"),
    .keeps(
      "h = MatMul(x, w); y = BatchNormalization(h, s, b, m, v); z = Relu(h)",
      because: "the product would be computed twice"),
  ]
}

extension Match {
  /// β·C, for each column; zeros without C.
  fileprivate func columnBias(_ c: Constant, of product: Capture, _ weights: LinearWeights) throws
    -> RealTensor
  {
    guard let tensor = self[optional: c] else { return try bias(c, of: weights) }
    let columns = weights.channelCount
    try require(
      tensor.dimensions.last ?? 1 == columns || tensor.elementCount == 1, "C differs within a column")
    try require(tensor.elementCount == columns || tensor.elementCount == 1, "C differs within a column")
    let values = try tensor.doubles()
    let each = values.count == columns ? values : Array(repeating: values[0], count: columns)
    return try self[product].float("beta") * RealTensor(tensor.elementType, [columns], each)
  }
}
