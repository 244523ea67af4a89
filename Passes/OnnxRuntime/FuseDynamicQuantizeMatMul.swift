import PassPipeline
import Rewriting

/// Quantizes the left operand within the product that reads it.
///
/// Legal where nothing else reads the integers and their parameters.
///
/// Rounding: none, as far as the runtime quantizes alike in both.
struct FuseDynamicQuantizeMatMul: RewriteRule {
  static let summary =
    "MatMulIntegerToFloat(DynamicQuantizeLinear(x), B, …) → com.microsoft.DynamicQuantizeMatMul(x, B, …)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), b = Var("B"), t = Var("t"), w = Var("w"), quantize = Capture("quantize")
    let quantized = Op.DynamicQuantizeLinear(x, as: quantize)

    for rest in [[], [w.term]] {
      let product = Contrib.MatMulIntegerToFloat.applied(
        to: [quantized, b.term, quantized.output(1), t.term, quantized.output(2)] + rest)
      let rewrite =
        product => { m in
          try m.requireSingle(x)
          return Contrib.DynamicQuantizeMatMul.applied(to: [x.term, b.term, t.term] + rest)
        }
      rewrite.shrinking
    }
  }

  static let given =
    "float[N, 3] x; const int8[3, 4] b; const int8 w = 0; const float t = 0.1; const float[1] s = 0.5"

  static let examples: [Example] = [
    .rewrites(
      "q, s, z = DynamicQuantizeLinear(x); y = com.microsoft.MatMulIntegerToFloat(q, b, s, t, z, w)",
      to: "y = com.microsoft.DynamicQuantizeMatMul(x, b, t, w)"),
    .rewrites(
      "q, s, z = DynamicQuantizeLinear(x); y = com.microsoft.MatMulIntegerToFloat(q, b, s, t, z)",
      to: "y = com.microsoft.DynamicQuantizeMatMul(x, b, t)"),
    .keeps(
      "q, u, z = DynamicQuantizeLinear(x); y = com.microsoft.MatMulIntegerToFloat(q, b, s, t, z, w)",
      because: "the scale is another one"),
    .keeps(
      """
      q, s, z = DynamicQuantizeLinear(x); y = com.microsoft.MatMulIntegerToFloat(q, b, s, t, z, w); \
      r = DequantizeLinear(q, s, z)
      """, because: "the integers are read as well"),
  ]
}
