import PassPipeline
import Rewriting
import TensorCore

/// Adds within `Gemm` what is added to its result:
///
/// 1. `Gemm(A, B) + c` → `Gemm(A, B, c)` for any `c` that broadcasts to the product without making it larger;
/// 2. `Gemm(A, B, C) + c` → `Gemm(A, B, β·C + c)` with β = 1, where `C` and `c` are constant, their sum has no more
///    elements than the larger of them and is finite.
///
/// Nothing else may read the `Gemm`.
///
/// Rounding: the constants' sum is rounded once, and `c` may be added within the sum of the product. Overflow of the
/// sum can then come or go where `c` is as large; NaN and infinities reach the outputs that they reached.
struct FuseGemmAdd: RewriteRule {
  static let summary = "Add(Gemm(A, B, C), c) → Gemm(A, B, β·C + c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), old = Constant("C"), gemm = Capture("gemm")
    let c = Var("c"), constant = Constant("c")

    Op.Add(Op.Gemm(a, b, Term.absent, as: gemm.exclusive), c).commuting => { m in
      try m.requireGemm(a, m.elementType(of: a))
      try m.requireAbsorbs(gemm, m.shape(of: c))
      return try Op.Gemm(a, b, c, attributes: m[gemm].attributes.removing("beta"))
    }
    Op.Add(Op.Gemm(a, b, old, as: gemm.exclusive), constant).commuting => { m in
      try m.requireGemm(a, m.elementType(of: a))
      try m.requireAbsorbs(gemm, m[constant].shape)
      let sum = try m[gemm].float("beta") * m[old] + m[constant]
      try m.require(
        sum.values.count <= max(m[old].elementCount, m[constant].elementCount), "the sum is larger than both")
      return try Op.Gemm(
        a, b, sum.finite(as: m[old].elementType), attributes: m[gemm].attributes.removing("beta"))
    }
  }

  static let given = """
    float[N, 3] x; float[2, 3] r; const float[3, 4] w; const float[4] b, c; float[N, 4] s; float[4] v; \
    const float[1, 1, 4] deep; const float[2, 1] column; const float one = 1.0; float[1, 3] single; \
    const float[2, 4] two
    """

  static let examples: [Example] = [
    .rewrites("h = Gemm(x, w); y = Add(h, c)", to: "y = Gemm(x, w, c)"),
    .rewrites("h = Gemm<alpha = 0.5>(x, w); y = Add(s, h)", to: "y = Gemm<alpha = 0.5>(x, w, s)"),
    .rewrites("h = Gemm<beta = 0.5>(x, w, b); y = Add(h, c)", to: "y = Gemm(x, w, c_1)"),
    .rewrites("h = Gemm(x, w, b); y = Add(one, h)", to: "y = Gemm(x, w, c_1)"),
    .keeps("h = Gemm(x, w, v); y = Add(h, c)", because: "C is computed"),
    .keeps("h = Gemm(x, w, b); y = Add(h, s)", because: "c is computed"),
    .keeps("h = Gemm(x, w, b); y = Add(h, deep)", because: "the result has three axes"),
    .keeps("h = Gemm(single, w, b); y = Add(h, two)", because: "the result has more rows"),
    .keeps("h = Gemm(r, w, b); y = Add(h, column)", because: "the sum is larger than both"),
    .keeps("h = Gemm(x, w, b); y = Add(h, c); z = Relu(h)", because: "the product would be computed twice"),
  ]
}

extension Match {
  fileprivate func requireAbsorbs(_ gemm: Capture, _ shape: Shape) throws {
    let result = try unwrap(self[gemm].outputShape, "the shape of the product is unknown")
    try require(result.absorbs(shape), "c may make the result larger")
  }
}
