import PassPipeline
import Rewriting

/// Folds the division by a constant into the convolution that feeds it, transposed ones included:
/// `w′ = w / c`, `b′ = b / c` for each output channel.
///
/// Legal where weights, bias and `c` are constant, `c` is one number for each channel or for all and nowhere 0,
/// nothing else reads the convolution, and every folded number is finite.
///
/// Rounding: `w′` and `b′` are rounded once. A sum over the window that overflows only before the division no
/// longer does, and the other way round; NaN and infinities of the input reach the outputs that they reached.
struct FuseConvDiv: RewriteRule {
  static let summary = "Div(Conv(x, w, b), c) → Conv(x, w / c, b / c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), w = Constant("w"), b = Constant("b"), c = Constant("c"), conv = Capture("conv")

    for op in [Op.Conv, Op.ConvTranspose] {
      Op.Div(op(x, w, b.optional, as: conv.exclusive), c) => { m in
        let weights = try m.linearWeights(w, of: conv)
        let divisors = try m.perChannel(c, of: weights)
        try m.require(divisors.values.allSatisfy { $0 != 0 && $0.isFinite }, "c has a zero or is not finite")
        let bias = try m[optional: b].map { _ in
          try (m.bias(b, of: weights) / divisors).finite(as: weights.tensor.elementType)
        }
        return try op(x, weights.scaled(by: divisors.map { 1 / $0 }), bias, attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w; const float[4] b; const float[4, 1, 1] c in 0.5...2; \
    const float[6] row in 1...2; const float three = 3.0; const float zero = 0.0
    """

  static let examples: [Example] = [
    .rewrites("h = Conv(x, w, b); y = Div(h, c)", to: "y = Conv(x, w_1, b_1)"),
    .rewrites("h = Conv(x, w); y = Div(h, three)", to: "y = Conv(x, w_1)"),
    .keeps("h = Conv(x, w); y = Div(h, row)", because: "c differs within a channel"),
    .keeps("h = Conv(x, w); y = Div(h, zero)", because: "c is 0", execution: .allowsNonFinite),
    .keeps(
      "h = Conv(x, w); y = Div(three, h)", because: "the convolution is the divisor",
      execution: .allowsNonFinite),
    .keeps("h = Conv(x, w); y = Div(h, c); z = Relu(h)", because: "the convolution would be computed twice"),
  ]
}
