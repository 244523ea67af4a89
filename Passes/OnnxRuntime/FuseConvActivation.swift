import PassPipeline
import Rewriting

/// Computes the activation that follows a convolution within it.
///
/// Legal for single precision where nothing else reads the convolution, and the activation's parameters are constant.
///
/// Rounding: each result is rounded before the activation as it was; an activation that the runtime approximates
/// (sigmoid, tanh) may differ in the last digit. What `Clip` makes of NaN may change.
struct FuseConvActivation: RewriteRule {
  static let summary =
    "Relu(Conv(x, W, b)) → com.microsoft.FusedConv<activation = \"Relu\">(x, W, b), and others"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), w = Var("W"), rest = Variadic("rest")
    let conv = Capture("conv"), outer = Capture("outer")

    for activation in FusedActivation.ofConvolutions {
      for inner in [Op.Conv, Contrib.FusedConv] {
        activation.applied(to: inner(x, w, rest, as: conv.exclusive), as: outer) => { m in
          try m.requireSingle(x)
          try m.require(!m[conv].has("activation"), "there is an activation already")
          let parameters = try activation.values(of: m[outer])
          var attributes = try m[conv].attributes.setting(
            "activation", to: .init(.string(.init(activation.name))))
          if !parameters.isEmpty {
            attributes = attributes.setting("activation_params", to: .init(.floats(parameters)))
          }
          return Contrib.FusedConv(x, w, rest, attributes: attributes)
        }
      }
    }
  }

  static let given = """
    float[N, 3, 8, 8] x; float[N, 4, 6, 6] z; const float[4, 3, 3, 3] w; const float[4] b; double[N, 3, 8, 8] d; \
    const double[4, 3, 3, 3] e; float low
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Conv<pads = [1, 1, 1, 1]>(x, w, b); y = Relu(h)",
      to: "y = com.microsoft.FusedConv<pads = [1, 1, 1, 1], activation = \"Relu\">(x, w, b)"),
    .rewrites(
      "h = Conv(x, w); y = Clip(h, 0.0, 6.0)",
      to: "y = com.microsoft.FusedConv<activation = \"Clip\", activation_params = [0.0, 6.0]>(x, w)"),
    .rewrites(
      "h = Conv(x, w); y = Clip<min = 0.0, max = 6.0>(h)",
      to: "y = com.microsoft.FusedConv<activation = \"Clip\", activation_params = [0.0, 6.0]>(x, w)",
      opset: 10),
    .rewrites(
      "h = Conv(x, w, b); y = LeakyRelu<alpha = 0.25>(h)",
      to: "y = com.microsoft.FusedConv<activation = \"LeakyRelu\", activation_params = [0.25]>(x, w, b)"),
    .rewrites(
      "h = com.microsoft.FusedConv(x, w, b, z); y = Relu(h)",
      to: "y = com.microsoft.FusedConv<activation = \"Relu\">(x, w, b, z)"),
    .keeps("h = Conv(x, w, b); y = Relu(h); z = Neg(h)", because: "another node reads the convolution"),
    .keeps(
      "h = Conv(d, e); y = Relu(h)", because: "there is no kernel for double precision", execution: .skipped),
    .keeps("h = Conv(x, w); y = Clip(h, low)", because: "the bound is computed"),
    .keeps(
      "h = com.microsoft.FusedConv<activation = \"Relu\">(x, w, b); y = Sigmoid(h)",
      because: "there is an activation already"),
  ]
}
