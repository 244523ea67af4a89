import PassPipeline
import Rewriting

/// Adds a value of the same shape within the convolution that gives the other summand: the shortcut of a residual
/// network. `FuseConvActivation` takes in the activation that follows.
///
/// Legal for single precision where nothing else reads the convolution, and the other summand is known to have the
/// shape of its result. Of two convolutions, one takes in the sum.
///
/// Rounding: the value is added before or after the bias. NaN and infinities reach the results that they reached.
struct FuseConvSum: RewriteRule {
  static let summary = "Add(Conv(x, W, b), z) → com.microsoft.FusedConv(x, W, b, z)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), w = Var("W"), b = Var("b"), z = Var("z"), conv = Capture("conv")

    for bias in [b.term, .absent] {
      Op.Add(Op.Conv(x, w, bias, as: conv.exclusive), z).commuting => { m in
        try m.requireSingle(x)
        let shape = try m.unwrap(m[conv].outputShape, "the shape is unknown")
        try m.require(m.shape(of: z).isKnownEqual(to: shape), "the summand may have another shape")
        try m.require(m.model.constant(m[z]) == nil, "the summand is constant")
        return try Contrib.FusedConv(x, w, bias, z, attributes: m[conv].attributes)
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; float[N, 4, 8, 8] z; float[N, 4, 1, 1] s; float[M, 4, 8, 8] u; const float[4, 3, 3, 3] w; \
    const float[4] b; const float[1, 4, 8, 8] c
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Add(h, z)",
      to: "y = com.microsoft.FusedConv<pads = [1, 1, 1, 1]>(x, w, b, z)"),
    .rewrites(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w); y = Add(z, h)",
      to: "y = com.microsoft.FusedConv<pads = [1, 1, 1, 1]>(x, w, , z)"),
    .keeps(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Add(h, s)", because: "the summand broadcasts"),
    .keeps(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Add(h, u)", because: "M may be 1", execution: .skipped),
    .keeps("h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Add(h, c)", because: "the summand is constant"),
    .keeps(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Add(h, z); r = Relu(h)",
      because: "another node reads the convolution"),
  ]
}
