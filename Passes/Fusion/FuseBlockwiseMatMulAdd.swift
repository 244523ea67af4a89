import PassPipeline
import Rewriting
import TensorCore

/// Adds a bias within ONNX Runtime's product with weights of few bits.
///
/// Legal where the bias is a constant vector over the columns, nothing else reads the product, and the operator has no
/// bias yet.
///
/// Rounding: the kernel may add the bias before the last partial sum.
struct FuseBlockwiseMatMulAdd: RewriteRule {
  static let summary =
    "Add(com.microsoft.MatMulNBits(A, B, s), c) → com.microsoft.MatMulNBits(A, B, s, , , c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), weights = Var("B"), scales = Var("s"), bias = Constant("c")
    let product = Capture("product")
    for zeros in [Term.absent, Var("zero-points").term] {
      for groups in [Term.absent, Var("groups").term] {
        let inner = Contrib.MatMulNBits(
          a, weights, scales, zeros, groups, Term.absent, as: product.exclusive)
        Op.Add(inner, bias).commuting => { m in
          let columns = try m[product].int("N")
          try m.require(m[bias].dimensions == [columns], "the bias is no vector over the columns")
          return try Contrib.MatMulNBits(
            a, weights, scales, zeros, groups, bias, attributes: m[product].attributes)
        }
      }
    }
  }

  static let given = """
    float[N, 32] x; const uint8[5, 1, 16] w; const float[5, 1] s = 0.05; const uint8[5, 1] z = 7; \
    const float[5] c, d; const float[1] one; float[5] computed; const float[1, 1, 5] deep
    """

  static let examples: [Example] = [
    .rewrites(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s); y = Add(h, c)",
      to: "y = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s, , , c)"),
    .rewrites(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s, z); y = Add(c, h)",
      to: "y = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s, z, , c)"),
    .keeps(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s, , , d); y = Add(h, c)",
      because: "there is a bias already"),
    .keeps(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s); y = Add(h, one)",
      because: "the bias is the same for all columns"),
    .keeps(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s); y = Add(h, deep)",
      because: "the result has three axes"),
    .keeps(
      "h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s); y = Add(h, computed)",
      because: "the bias is computed"),
    .keeps(
      """
      h = com.microsoft.MatMulNBits<K = 32, N = 5, bits = 4, block_size = 32>(x, w, s); y = Add(h, c); z1 = Neg(h)
      """, because: "another node reads the product"),
  ]
}
