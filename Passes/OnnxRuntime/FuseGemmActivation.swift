import PassPipeline
import Rewriting

/// Computes the activation that follows a matrix product within it.
///
/// Legal for single precision where nothing else reads the product.
///
/// Rounding: an activation that the runtime approximates (sigmoid, tanh) may differ in the last digit. NaN and
/// infinities reach the results that they reached.
struct FuseGemmActivation: RewriteRule {
  static let summary =
    "Relu(Gemm(A, B, C)) → com.microsoft.FusedGemm<activation = \"Relu\">(A, B, C), and others"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), rest = Variadic("rest")
    let gemm = Capture("gemm"), outer = Capture("outer")

    for activation in FusedActivation.ofProducts {
      activation.applied(to: Op.Gemm(a, b, rest, as: gemm.exclusive), as: outer) => { m in
        try m.requireSingle(a)
        try m.require(m.opset >= 7, "Gemm does not broadcast by itself")
        var attributes = try m[gemm].attributes.setting(
          "activation", to: .init(.string(.init(activation.name))))
        for (name, value) in try zip(activation.parameters, activation.values(of: m[outer])) {
          attributes = attributes.setting("activation_\(name)", to: .init(.float(value)))
        }
        return Contrib.FusedGemm(a, b, rest, attributes: attributes)
      }
    }
  }

  static let given = """
    float[N, 3] x; const float[3, 4] w; const float[4, 3] v; const float[4] c; double[N, 3] d; const double[3, 4] e
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Gemm(x, w, c); y = Relu(h)", to: "y = com.microsoft.FusedGemm<activation = \"Relu\">(x, w, c)"),
    .rewrites(
      "h = Gemm<transB = 1, alpha = 0.5>(x, v); y = Tanh(h)",
      to: "y = com.microsoft.FusedGemm<transB = 1, alpha = 0.5, activation = \"Tanh\">(x, v)"),
    .rewrites(
      "h = Gemm(x, w, c); y = Elu<alpha = 0.5>(h)",
      to: "y = com.microsoft.FusedGemm<activation = \"Elu\", activation_alpha = 0.5>(x, w, c)"),
    .keeps("h = Gemm(x, w, c); y = Relu(h); z = Neg(h)", because: "another node reads the product"),
    .keeps("h = Gemm(d, e); y = Relu(h)", because: "there is no kernel for double precision"),
    .keeps("h = Gemm(x, w, c); y = Gelu(h)", because: "the kernel does not compute Gelu"),
  ]
}
