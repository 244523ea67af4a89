import PassPipeline
import Rewriting
import TensorCore

/// Folds a `Scaler` into the product with a constant matrix that reads it, and into the bias that is added:
/// `((x − o) · s)·W + b` is `x·(s·W) + (b − (o·s)·W)`.
///
/// Legal for float32 tables [N, columns] that nothing else reads, where `W` is read once, all folded numbers are finite,
/// and no column is shifted by more than 32 (see `FoldScalingIntoLinear`). `Gemm` with `transA` stays, and a `MatMul`
/// that has no bias after it.
///
/// Rounding: `s·W` and the bias are rounded once. NaN and infinities reach the outputs that they reached, except that
/// 0 · ∞ is NaN where the one or the other weight is 0. Numbers that overflow only when they are scaled no longer do, and
/// the other way round.
struct FuseScalerGemm: RewriteRule {
  static let summary = "Gemm(Scaler(x), W, b) → Gemm(x, s·W, b − (o·s)·W), also Add(MatMul)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("W"), b = Constant("b"), linear = Capture("linear")
    let scaler = Capture("scaler").exclusive
    let scaled = Op.named("Scaler", domain: "ai.onnx.ml")(x, as: scaler)

    Op.Gemm(scaled, w, b.optional, as: linear) => { m in
      let (weights, bias) = try m.foldedScaler(scaler, w, b, linear)
      return try Op.Gemm(x, weights, bias, attributes: m[linear].attributes)
    }
    Op.Add(Op.MatMul(scaled, w, as: linear.exclusive), b).commuting => { m in
      let (weights, bias) = try m.foldedScaler(scaler, w, b, linear)
      return Op.Add(Op.MatMul(x, weights), bias)
    }
  }

  static let given = """
    float[N, 2] x; float[2, N] q; const float[2, 3] w; const float[3, 2] n; const float[3] b; double[N, 2] exact; \
    const float[4, 1] column
    """

  private static let scaler = "\"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 2.0]>"

  static let examples: [Example] = [
    .rewrites("h = \(scaler)(x); y = Gemm(h, w, b)", to: "y = Gemm(x, w_1, b_1)"),
    .rewrites(
      "h = \(scaler)(x); y = Gemm<transB = 1, alpha = 0.5>(h, n)",
      to: "y = Gemm<transB = 1, alpha = 0.5>(x, w_1, b_1)"),
    .rewrites("h = \(scaler)(x); k = MatMul(h, w); y = Add(k, b)", to: "k = MatMul(x, w_1); y = Add(k, b_1)"),
    .keeps("h = \(scaler)(x); y = MatMul(h, w)", because: "an addition would follow instead"),
    .keeps("h = \(scaler)(exact); y = Gemm(h, w, b)", because: "doubles are scaled as such"),
    .keeps("h = \(scaler)(x); y = Gemm(h, w, b); z = Neg(h)", because: "the table is read twice"),
    .keeps("h = \(scaler)(x); y = Gemm(h, w, b); z = Neg(w)", because: "W would be stored twice"),
    .keeps(
      "h = \"ai.onnx.ml\".Scaler<offset = [1000.0, 0.0], scale = [1.0, 1.0]>(x); y = Gemm(h, w, b)",
      because: "numbers around 1000 would cancel"),
  ]
}

extension Match {
  /// The weights and the bias of `linear` for a table that is not scaled.
  fileprivate func foldedScaler(
    _ scaler: Capture, _ w: Constant, _ b: Constant, _ linear: Capture
  ) throws -> (weights: Tensor, bias: Tensor) {
    try requireOwnWeights(of: linear)
    try requireUntransposedInput(of: linear)
    let weights = try linearWeights(w, of: linear)
    let scaling = try unwrap(
      ColumnScaling(giving: self[scaler].output, in: model), "the table is no float32 [N, columns]")
    let lines = try unwrap(
      scaling.gentleLines(columns: weights.inputCount), "the columns do not fit, or are shifted too far")
    func row(_ values: [Double]) throws -> RealTensor {
      try RealTensor(weights.tensor.elementType, [values.count], values)
    }
    let response = try weights.response(to: row(lines.map(\.shift)))
    return (
      weights: try weights.scaledInputs(by: row(lines.map(\.factor))),
      bias: try shiftedBias(b, by: response, linear)
    )
  }
}
