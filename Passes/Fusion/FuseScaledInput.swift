import PassPipeline
import Rewriting

/// Folds the multiplication by a constant into the weights of the linear operator that reads the product:
/// `op(c·x, W, b)` is `op(x, W·c, b)`, with `1 / c` for a quotient.
///
/// Legal where `W` and `c` are constant, `c` is one number for each channel of x or for all (along the second axis for
/// convolutions, padded ones included, along the last one for products of matrices) and leaves the shape of x as it
/// is, nothing else reads the product or `W`, and every folded number is finite. `Gemm` with `transA` stays, and so does
/// the ½ of a Gaussian error linear unit in parts, since runtimes know the unit by them.
///
/// Rounding: `W·c` is rounded once. Products that overflow only before the weights apply no longer do, and the other
/// way round; NaN and infinities reach the outputs that they reached, except that `0 · ∞` is NaN for `c = 0` in the
/// one and for a weight of 0 in the other.
struct FuseScaledInput: RewriteRule {
  static let summary = "Conv(Mul(x, c), W, b) → Conv(x, W·c, b), also MatMul, Gemm and ConvTranspose"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("W"), c = Constant("c"), rest = Variadic("rest")
    let inner = Capture("inner").exclusive, linear = Capture("linear")

    for op in [Op.Conv, Op.ConvTranspose, Op.Gemm, Op.MatMul] {
      for product in [Op.Mul(x, c, as: inner).commuting, Op.Div(x, c, as: inner)] {
        op(product, w, rest, as: linear) => { m in
          try m.requireOwnWeights(of: linear)
          try m.require(!m.model.isGeluInParts(m[inner].output), "runtimes know the GELU by its parts")
          let weights = try m.linearWeights(w, of: linear)
          try m.requireUntransposedInput(of: linear)
          let isQuotient = try m[inner].op.name == "Div"
          let factors = try m.perChannel(c, of: m.shape(of: x), channels: weights.inputCount, linear)
            .map { isQuotient ? 1 / $0 : $0 }
          return try op(x, weights.scaledInputs(by: factors), rest, attributes: m[linear].attributes)
        }
      }
    }
  }

  static let given = """
    float[N, 4, 8, 8] x; const float[2, 4, 3, 3] w; const float[4, 3, 3, 3] t; const float[6, 2, 3, 3] g; const float[2] b; \
    const float[4, 1, 1] c in 1...2; const float third = 3.0; const float[8] row in 1...2; const float[8, 5] m; \
    const float[5, 8] n; float[N, 8] r; float[8, N] q; const float[8, 1] each; float[N, 1] narrow; \
    const float zero = 0.0; const float half = 0.5; const float root = 1.4142135
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Mul(x, c); y = Conv<pads = [1, 1, 1, 1]>(h, w, b)", to: "y = Conv<pads = [1, 1, 1, 1]>(x, w_1, b)"),
    .rewrites("h = Div(x, c); y = Conv<group = 2>(h, g)", to: "y = Conv<group = 2>(x, w_1)"),
    .rewrites("h = Mul(third, x); y = ConvTranspose(h, t)", to: "y = ConvTranspose(x, w_1)"),
    .rewrites(
      "h = Mul(c, x); y = ConvTranspose<group = 2>(h, t)", to: "y = ConvTranspose<group = 2>(x, w_1)"),
    .rewrites("h = Mul(x, row); y = MatMul(h, m)", to: "y = MatMul(x, w_1)"),
    .rewrites("h = Div(r, third); y = Gemm<transB = 1>(h, n)", to: "y = Gemm<transB = 1>(r, w_1)"),
    .rewrites(
      "e = Erf(r); p = Mul(e, r); h = Mul(p, half); y = Gemm<transB = 1>(h, n)",
      to: "e = Erf(r); p = Mul(e, r); y = Gemm<transB = 1>(p, w_1)"),
    .keeps(
      "d = Div(r, root); e = Erf(d); s = Add(e, 1.0); p = Mul(r, s); h = Mul(p, half); y = Gemm<transB = 1>(h, n)",
      because: "runtimes know the GELU by its parts"),
    .keeps(
      "e = Tanh(r); s = Add(1.0, e); p = Mul(s, r); h = Mul(half, p); y = Gemm<transB = 1>(h, n)",
      because: "runtimes know the GELU by its parts"),
    .keeps("h = Mul(q, third); y = Gemm<transA = 1>(h, m)", because: "the input is transposed"),
    .keeps("h = Mul(x, row); y = Conv(h, w)", because: "c differs within a channel"),
    .keeps("h = Mul(narrow, row); y = MatMul(h, m)", because: "c makes x larger"),
    .keeps("h = Mul(x, each); y = MatMul(h, m)", because: "c differs within a column"),
    .keeps("h = Mul(r, r); y = MatMul(h, m)", because: "both factors are computed"),
    .keeps("h = Div(r, zero); y = MatMul(h, m)", because: "1 / 0 is not finite", execution: .allowsNonFinite),
    .keeps("h = Mul(r, row); y = MatMul(h, m); z = Neg(h)", because: "the product is read twice"),
    .keeps("h = Mul(r, row); y = MatMul(h, m); z = Neg(m)", because: "W would be stored twice"),
  ]
}

extension Match {
  func requireUntransposedInput(of linear: Capture) throws {
    let node = try self[linear]
    try require(node.op.name != "Gemm" || (opset >= 7 && node.int("transA") == 0), "the input is transposed")
  }
}
