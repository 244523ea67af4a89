import PassPipeline
import Rewriting
import TensorCore

/// Folds the addition of a constant into the bias of the linear operator that reads the sum:
/// `op(x + c, W, b)` is `op(x, W, b + W·c)`, with `−c` for a difference.
///
/// Legal where `W`, `b` and `c` are constant, `c` is one number for each channel of x or for all (along the second axis
/// for convolutions, along the last one for products of matrices) and leaves the shape of x as it is, nothing is padded
/// (a border of zeros is not shifted), nothing else reads the sum, and the new bias is finite. `ConvTranspose`, whose
/// borders meet fewer weights, and `Gemm` with `transA` stay, and a `MatMul` that has no bias after it.
///
/// Rounding: the new bias is summed in Double and rounded once. Where c is large and x + c small, `op` now cancels what
/// the sum canceled. NaN and infinities reach the outputs that they reached.
struct FuseShiftedInput: RewriteRule {
  static let summary = "Conv(Add(x, c), W, b) → Conv(x, W, b + W·c), also Gemm and Add(MatMul)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("W"), b = Constant("b"), c = Constant("c")
    let inner = Capture("inner").exclusive, linear = Capture("linear")

    for sum in [Op.Add(x, c, as: inner).commuting, Op.Sub(x, c, as: inner)] {
      for op in [Op.Conv, Op.Gemm] {
        op(sum, w, b.optional, as: linear) => { m in
          let bias = try m.shiftedBias(b, by: m.response(to: c, added: inner, to: x, of: linear, w), linear)
          return try op(x, w, bias, attributes: m[linear].attributes)
        }
      }
      Op.Add(Op.MatMul(sum, w, as: linear.exclusive), b).commuting => { m in
        let bias = try m.shiftedBias(b, by: m.response(to: c, added: inner, to: x, of: linear, w), linear)
        return Op.Add(Op.MatMul(x, w), bias)
      }
    }
  }

  static let given = """
    float[N, 4, 8, 8] x; const float[2, 4, 3, 3] w; const float[6, 2, 3, 3] g; const float[4, 3, 3, 3] t; const float[2] b; \
    const float[4, 1, 1] c; const float third = 3.0; const float[8] row; const float[8, 5] m; const float[5, 8] n; \
    const float[5] d; float[N, 8] r; float[8, N] q; const float[5, 1] column; float[5, 8] five
    """

  static let examples: [Example] = [
    .rewrites("h = Add(x, c); y = Conv(h, w, b)", to: "y = Conv(x, w, b_1)"),
    .rewrites("h = Sub(x, third); y = Conv<group = 2>(h, g)", to: "y = Conv<group = 2>(x, g, b_1)"),
    .rewrites("h = Add(row, r); y = Gemm<transB = 1>(h, n, d)", to: "y = Gemm<transB = 1>(r, n, b_1)"),
    .rewrites(
      "h = Sub(r, row); y = Gemm<alpha = 0.5, beta = 2.0>(h, m, d)",
      to: "y = Gemm<alpha = 0.5, beta = 2.0>(r, m, b_1)"),
    .rewrites("h = Add(r, row); y = Gemm<alpha = 0.5>(h, m)", to: "y = Gemm<alpha = 0.5>(r, m, b_1)"),
    .rewrites("h = Add(x, row); k = MatMul(h, m); y = Add(k, d)", to: "k = MatMul(x, m); y = Add(k, b_1)"),
    .keeps("h = Add(x, c); y = Conv<pads = [1, 1, 1, 1]>(h, w, b)", because: "the border is not shifted"),
    .keeps(
      "h = Add(x, c); y = Conv<auto_pad = \"SAME_UPPER\">(h, w, b)", because: "the border is not shifted"),
    .keeps("h = Add(x, c); y = ConvTranspose(h, t)", because: "borders meet fewer weights"),
    .keeps("h = Add(q, third); y = Gemm<transA = 1>(h, m, d)", because: "the input is transposed"),
    .keeps("h = Sub(row, r); y = Gemm(h, m, d)", because: "x is subtracted"),
    .keeps("h = Add(x, row); y = MatMul(h, m)", because: "an addition would follow instead"),
    .keeps("h = Add(five, row); y = Gemm(h, m, column)", because: "the bias differs within a column"),
    .keeps("h = Add(r, row); y = Gemm(h, m, d); z = Neg(h)", because: "the sum is read twice"),
  ]
}

extension Match {
  /// What the constant that `inner` adds to x contributes to each channel of the output.
  fileprivate func response(
    to constant: Constant, added inner: Capture, to x: Var, of linear: Capture, _ w: Constant
  ) throws -> RealTensor {
    let weights = try linearWeights(w, of: linear)
    try requireUntransposedInput(of: linear)
    try requireNoPadding(of: linear)
    let sign: Double = try self[inner].op.name == "Sub" ? -1 : 1
    let input = try perChannel(constant, of: shape(of: x), channels: weights.inputCount, linear)
    return try weights.response(to: sign * input)
  }

  /// A bias, of zeros where there is none, plus what the constant contributed.
  func shiftedBias(_ bias: Constant, by response: RealTensor, _ linear: Capture) throws -> Tensor {
    let node = try self[linear]
    let factor = try node.op.name == "Gemm" ? node.float("alpha") / node.float("beta") : 1
    guard let old = self[optional: bias] else {
      return try (factor * response).finite(as: response.elementType)
    }
    let columns = response.values.count
    try require(
      old.elementCount == 1 || (old.elementCount == columns && old.dimensions.last == columns),
      "the bias differs within a column")
    return try (old + factor * response).finite(as: old.elementType)
  }

  func requireNoPadding(of convolution: Capture) throws {
    let node = try self[convolution]
    guard node.op.name.hasPrefix("Conv") else { return }
    let mode = try node.optionalString("auto_pad") ?? "NOTSET"
    let pads = try node.optionalInts("pads") ?? []
    try require(
      mode == "VALID" || (mode == "NOTSET" && pads.allSatisfy { $0 == 0 }), "the border is not shifted")
  }
}
