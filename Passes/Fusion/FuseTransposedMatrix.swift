import PassPipeline
import Rewriting

/// Multiplies a transposed matrix as `Gemm` reads it, instead of transposing it first.
///
/// Legal for matrices of the types that `Gemm` has. A `Transpose` that others read stays for them; then nothing is
/// changed.
///
/// Rounding: a runtime may sum the products in another order. NaN, infinities and overflow are as before.
struct FuseTransposedMatrix: RewriteRule {
  static let summary = "MatMul(Transpose(A), B) → Gemm<transA = 1>(A, B)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), transpose = Capture("transpose").exclusive

    Op.MatMul(Op.Transpose(a, as: transpose), b) => { m in
      try m.requireMatrices(a, b, transpose)
      return Op.Gemm(a, b, attributes: ["transA": 1])
    }
    Op.MatMul(a, Op.Transpose(b, as: transpose)) => { m in
      try m.requireMatrices(a, b, transpose)
      return Op.Gemm(a, b, attributes: ["transB": 1])
    }
  }

  static let given =
    "float[N, 3] x; float[3, N] t; float[4, 3] v; float[3, 4] w; float[2, 3, 4] cube; int32[3, 2] i; int32[3, 4] j"

  static let examples: [Example] = [
    .rewrites("h = Transpose(t); y = MatMul(h, w)", to: "y = Gemm<transA = 1>(t, w)"),
    .rewrites("h = Transpose<perm = [1, 0]>(v); y = MatMul(x, h)", to: "y = Gemm<transB = 1>(x, v)"),
    .keeps("h = Transpose(t); y = MatMul(h, w); z = Relu(h)", because: "others read the transposed matrix"),
    .keeps("h = Transpose(t); y = MatMul(h, cube)", because: "one is no matrix"),
    .keeps("h = Transpose(i); y = MatMul(h, j)", because: "Gemm takes no integers in most runtimes"),
  ]
}

extension Match {
  fileprivate func requireMatrices(_ a: Var, _ b: Var, _ transpose: Capture) throws {
    try requireGemm(a, elementType(of: a))
    try requireGemm(b, elementType(of: b))
    try require(self[transpose].optionalInts("perm") ?? [1, 0] == [1, 0], "the axes are not swapped")
    // Runtimes disagree on what Gemm gives for a sum of no terms.
    try require(!(shape(of: a).dimensions + shape(of: b).dimensions).contains(0), "the product has no terms")
  }
}
