import PassPipeline
import Rewriting

/// Lets `Gemm` read a matrix transposed instead of transposing it first: `transA` or `transB` is turned over.
///
/// The `Transpose` may have other readers; it stays for them.
///
/// Rounding: a runtime may sum the products in another order. NaN, infinities and overflow are as before.
struct FuseTransposeGemm: RewriteRule {
  static let summary = "Gemm(Transpose(A), B, C) → Gemm<transA = 1>(A, B, C)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), rest = Variadic("rest")
    let gemm = Capture("gemm"), transpose = Capture("transpose")

    Op.Gemm(Op.Transpose(a, as: transpose), b, rest, as: gemm) => { m in
      try m.requireSwap(transpose)
      return try Op.Gemm(a, b, rest, attributes: m.attributes(of: gemm, turningOver: "transA"))
    }
    Op.Gemm(a, Op.Transpose(b, as: transpose), rest, as: gemm) => { m in
      try m.requireSwap(transpose)
      return try Op.Gemm(a, b, rest, attributes: m.attributes(of: gemm, turningOver: "transB"))
    }
  }

  static let given = "float[N, 3] x; float[3, N] t; float[4, 3] v; float[3, 4] w; const float[4] c"

  static let examples: [Example] = [
    .rewrites("h = Transpose<perm = [1, 0]>(v); y = Gemm(x, h, c)", to: "y = Gemm<transB = 1>(x, v, c)"),
    .rewrites("h = Transpose(t); y = Gemm(h, w)", to: "y = Gemm<transA = 1>(t, w)"),
    .rewrites("h = Transpose(w); y = Gemm<transB = 1>(x, h, c)", to: "y = Gemm(x, w, c)"),
    .rewrites(
      "h = Transpose(w); y = Gemm<transB = 1>(x, h, c); z = Relu(h)",
      to: "h = Transpose(w); y = Gemm(x, w, c); z = Relu(h)"),
    .keeps("h = Transpose<perm = [0, 1]>(w); y = Gemm(x, h)", because: "nothing is transposed"),
    .keeps("h = Transpose(c2); y = Gemm(x, w, h); float[4, 1] c2", because: "C cannot be transposed"),
    .keeps("h = Transpose(w); y = MatMul(h, w)", because: "MatMul does not transpose"),
    .keeps("y = Gemm(x, w, c)", because: "nothing is transposed"),
  ]
}

extension Match {
  fileprivate func requireSwap(_ transpose: Capture) throws {
    try require(self[transpose].optionalInts("perm") ?? [1, 0] == [1, 0], "the axes are not swapped")
  }

  fileprivate func attributes(of gemm: Capture, turningOver name: String) throws -> AttributeList {
    let node = try self[gemm]
    let isSet = try node.int(name) != 0
    return isSet ? node.attributes.removing(name) : node.attributes.setting(name, to: 1)
  }
}
