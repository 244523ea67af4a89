import PassPipeline
import Rewriting
import TensorCore

/// Computes a matrix product and the addition that follows in one operator: linear layers as exporters write them.
///
/// Legal where `A` and `B` are known to be matrices, and `c` broadcasts to their product [M, N] without making it
/// larger; nothing else reads the product.
///
/// Rounding: `c` may be added within the sum of the product instead of after it. Overflow of the sum can then come
/// or go where `c` is as large; NaN and infinities reach the outputs that they reached.
struct FuseMatMulAdd: RewriteRule {
  static let summary = "Add(MatMul(A, B), c) → Gemm(A, B, c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), c = Var("c"), product = Capture("product")

    Op.Add(Op.MatMul(a, b, as: product.exclusive), c).commuting => { m in
      try m.requireGemm(a, m.elementType(of: a))
      try m.requireGemm(b, m.elementType(of: b))
      let left = try m.shape(of: a), right = try m.shape(of: b)
      // Runtimes disagree on what Gemm gives for a sum of no terms.
      try m.require(left[1] != 0 && right[0] != 0, "the product has no terms")
      try m.require(Shape([left[0], right[1]]).absorbs(m.shape(of: c)), "c may make the result larger")
      return Op.Gemm(a, b, c)
    }
  }

  static let given = """
    float[N, 3] x; float[N, 5, 3] cube; float[2, 3] r; float[3, 4] v; const float[3, 4] w; const float[4] c; \
    float[N, 4] s; const float[1, 1, 4] deep; const float[2, 4] two; const float[2, 1] column; const float one = 1.0; \
    int32[2, 3] i; const int32[3, 4] j; const int32[4] k; float[1, 3] single
    """

  static let examples: [Example] = [
    .rewrites("h = MatMul(x, w); y = Add(h, c)", to: "y = Gemm(x, w, c)"),
    .rewrites("h = MatMul(x, v); y = Add(c, h)", to: "y = Gemm(x, v, c)"),
    .rewrites("h = MatMul(x, w); y = Add(h, s)", to: "y = Gemm(x, w, s)"),
    .rewrites("h = MatMul(x, w); y = Add(h, one)", to: "y = Gemm(x, w, one)"),
    .rewrites("h = MatMul(r, w); y = Add(h, column)", to: "y = Gemm(r, w, column)"),
    .keeps("h = MatMul(cube, w); y = Add(h, c)", because: "A is no matrix"),
    .keeps("h = MatMul(x, w); y = Add(h, deep)", because: "the result has three axes"),
    .keeps("h = MatMul(x, w); y = Add(h, two)", because: "N may be 1", execution: .skipped),
    .keeps("h = MatMul(single, w); y = Add(h, two)", because: "the result has more rows"),
    .keeps("h = MatMul(i, j); y = Add(h, k)", because: "Gemm takes no integers in most runtimes"),
    .keeps("h = MatMul(x, w); y = Add(h, c); z = Relu(h)", because: "the product would be computed twice"),
  ]
}
