import PassPipeline
import Rewriting

/// Adds the bias of a linear layer within the activation that follows: `BiasGelu` for the exact unit, `FastGelu` with a
/// bias for its approximation.
///
/// Legal for single precision where the bias is a constant vector over the last axis, and nothing else reads the sum.
///
/// Rounding: the runtime computes both in one kernel. NaN and infinities reach the results that they reached.
struct FuseBiasGelu: RewriteRule {
  static let summary = "Gelu(Add(x, b)) → com.microsoft.BiasGelu(x, b), also FastGelu"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), b = Constant("b")
    let sum = Op.Add(x, b, as: Capture("sum").exclusive).commuting

    for (activation, fused) in [
      (Op.Gelu(sum, attributes: ["approximate": "none"]), Contrib.BiasGelu),
      (Contrib.Gelu(sum), Contrib.BiasGelu),
      (Op.Gelu(sum, attributes: ["approximate": "tanh"]), Contrib.FastGelu),
      (Contrib.FastGelu(sum), Contrib.FastGelu),
    ] {
      activation => { m in
        try m.requireSingle(x)
        let shape = try m.shape(of: x), bias = try m[b]
        try m.require(
          bias.rank == 1 && shape.dimensions.last?.fixedSize == bias.elementCount && bias.elementCount > 0,
          "the bias is no vector over the last axis")
        return fused(x, b)
      }
    }
  }

  static let given = """
    float[N, 3, 4] x; const float[4] b; const float[1] one; const float[3, 1] column; float[4] v; float[N, M] u; \
    double[N, 4] d; const double[4] e
    """

  static let examples: [Example] = [
    .rewrites("h = Add(x, b); y = Gelu(h)", to: "y = com.microsoft.BiasGelu(x, b)", opset: 20),
    .rewrites(
      "h = Add(b, x); y = com.microsoft.Gelu(h)", to: "y = com.microsoft.BiasGelu(x, b)", opset: 17),
    .rewrites(
      "h = Add(x, b); y = Gelu<approximate = \"tanh\">(h)", to: "y = com.microsoft.FastGelu(x, b)", opset: 20),
    .rewrites(
      "h = Add(x, b); y = com.microsoft.FastGelu(h)", to: "y = com.microsoft.FastGelu(x, b)", opset: 17),
    .keeps("h = Add(x, one); y = Gelu(h)", because: "the bias is the same for all"),
    .keeps("h = Add(x, column); y = Gelu(h)", because: "the bias is no vector over the last axis"),
    .keeps("h = Add(x, v); y = Gelu(h)", because: "the bias is computed"),
    .keeps(
      "h = Add(u, b); y = Gelu(h)", because: "the size of the last axis is unknown", execution: .skipped),
    .keeps("h = Add(x, b); y = Gelu(h); z = Neg(h)", because: "the sum is read twice"),
  ]
}
