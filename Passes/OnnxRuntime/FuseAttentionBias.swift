import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Lets `MultiHeadAttention` add the biases of the projections of queries, keys and values.
///
/// Legal where keys and values have three axes, each bias is a constant vector over the last one, nothing else reads the
/// sums, and the operator has no bias yet. What has no bias gets one of zeros.
///
/// Rounding: none but that adding 0 to −0 gives 0.
struct FuseAttentionBias: RewriteRule {
  static let summary =
    "MultiHeadAttention(Add(q, a), Add(k, b), Add(v, c)) → MultiHeadAttention(q, k, v, a ‖ b ‖ c)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let parts = ["q", "k", "v"].map {
      (value: Var($0), bias: Constant("\($0)-bias"), sum: Capture("\($0)-sum"))
    }
    let mask = Variadic("mask"), attention = Capture("attention")
    let inputs = parts.map { part in
      Op.Add(part.value, part.bias, as: part.sum.exclusive).commuting.or(part.value)
    }
    let rewrite =
      Contrib.MultiHeadAttention(
        inputs[0], inputs[1], inputs[2], Term.absent, mask, as: attention) => { m in
        try m.require(parts.contains { m.contains($0.sum) }, "there is no bias")
        let biases = try parts.map { part in
          let shape = try m.shape(of: part.value)
          let width = try m.unwrap(shape.rank == 3 ? shape[2].fixedSize : nil, "a width is unknown")
          guard m.contains(part.sum) else { return try Tensor(.float32, [width]) { _ in } }
          let bias = try m[part.bias]
          try m.require(bias.dimensions == [width], "a bias is no vector over the last axis")
          return bias
        }
        return try Contrib.MultiHeadAttention(
          parts[0].value, parts[1].value, parts[2].value, Tensor.columns(joining: biases), mask,
          attributes: m[attention].attributes)
      }
    rewrite
  }

  static let given = """
    float[B, S, 8] q; float[B, T, 8] k, v; const float[8] a, b, c; float[B, 1, S, T] mask; const float[1] one; \
    const float[24] all; float[B, 2, T, 4] k4, v4
    """

  static let examples: [Example] = [
    .rewrites(
      """
      r = Add(q, a); s = Add(b, k); t = Add(v, c); y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, s, t)
      """, to: "y = com.microsoft.MultiHeadAttention<num_heads = 2>(q, k, v, abc)"),
    .rewrites(
      """
      r = Add(q, a); t = Add(v, c); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, k, t, , , mask)
      """, to: "y = com.microsoft.MultiHeadAttention<num_heads = 2>(q, k, v, abc, , mask)"),
    .keeps(
      "r = Add(q, one); y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, k, v)",
      because: "the bias is the same for all"),
    .keeps(
      "r = Add(q, a); y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, k, v, all)",
      because: "there is a bias already"),
    .keeps(
      "r = Add(q, a); y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, k4, v4)",
      because: "keys and values are divided into heads"),
    .keeps(
      "r = Add(q, a); y = com.microsoft.MultiHeadAttention<num_heads = 2>(r, k, v); z = Neg(r)",
      because: "the sum is read twice"),
  ]
}
