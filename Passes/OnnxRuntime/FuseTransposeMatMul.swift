import PassPipeline
import Rewriting

/// Lets a product read matrices transposed instead of transposing them first, as `Gemm` does, for any number of axes.
///
/// Legal for single precision where the `Transpose` exchanges the last two axes only, and both operands have two and
/// more. It refuses where the `Transpose` would stay for others.
///
/// Rounding: a runtime may sum the products in another order. NaN, infinities and overflow are as before.
struct FuseTransposeMatMul: RewriteRule {
  static let summary = "MatMul(Transpose(A), B) → com.microsoft.FusedMatMul<transA = 1>(A, B)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), product = Capture("product"), transpose = Capture("transpose")

    for op in [Op.MatMul, Contrib.FusedMatMul] {
      let left =
        op(Op.Transpose(a, as: transpose), b, as: product) => { m in
          try m.requireMatrixTranspose(transpose, of: a, beside: b)
          return try Contrib.FusedMatMul(a, b, attributes: m.attributes(of: product, turningOver: "transA"))
        }
      left.shrinking
      let right =
        op(a, Op.Transpose(b, as: transpose), as: product) => { m in
          try m.requireMatrixTranspose(transpose, of: b, beside: a)
          return try Contrib.FusedMatMul(a, b, attributes: m.attributes(of: product, turningOver: "transB"))
        }
      right.shrinking
    }
  }

  static let given = """
    float[N, 2, 3, 4] a; float[N, 2, 5, 4] b; float[N, 2, 3, 5] c; float[3, 4] v; float[3] row
    """

  static let examples: [Example] = [
    .rewrites(
      "t = Transpose<perm = [0, 1, 3, 2]>(b); y = MatMul(a, t)",
      to: "y = com.microsoft.FusedMatMul<transB = 1>(a, b)"),
    .rewrites(
      "t = Transpose<perm = [0, 1, 3, 2]>(a); y = MatMul(t, c)",
      to: "y = com.microsoft.FusedMatMul<transA = 1>(a, c)"),
    .rewrites(
      "t = Transpose(v); y = com.microsoft.FusedMatMul<alpha = 0.5>(a, t)",
      to: "y = com.microsoft.FusedMatMul<alpha = 0.5, transB = 1>(a, v)"),
    .keeps(
      "t = Transpose<perm = [1, 0, 2, 3]>(b); y = MatMul(a, t)", because: "other axes change places",
      given: "float[2, 2, 3, 4] a; float[2, 2, 4, 5] b"),
    .keeps("t = Transpose<perm = [0, 1, 3, 2]>(b); y = MatMul(a, t); z = Neg(t)", because: "others read it"),
    .keeps("t = Transpose(v); y = MatMul(t, row)", because: "an operand is a vector"),
    .keeps(
      "t = Transpose<perm = [0, 1, 3, 2]>(b); y = com.microsoft.FusedMatMul<transBatchA = 1>(a, t)",
      because: "batches are transposed as well", given: "float[2, 2, 2, 2] a, b"),
    .keeps("t = Transpose(v); y = MatMul(v, t)", because: "there is no kernel", given: "float16[3, 4] v"),
  ]
}

extension Match {
  fileprivate func requireMatrixTranspose(_ transpose: Capture, of variable: Var, beside other: Var) throws {
    try requireSingle(variable)
    let rank = try rank(of: variable)
    try require(try rank >= 2 && self.rank(of: other) >= 2, "an operand is no matrix")
    let axes = Array(0..<rank)
    let permutation = try self[transpose].optionalInts("perm") ?? axes.reversed()
    try require(
      permutation == axes.dropLast(2) + [rank - 1, rank - 2], "other axes than the last two change places")
  }

  fileprivate func attributes(of product: Capture, turningOver name: String) throws -> AttributeList {
    let node = try self[product]
    guard node.op.name == "FusedMatMul" else { return AttributeList([]).setting(name, to: 1) }
    try require(
      node.int("transBatchA") == 0 && node.int("transBatchB") == 0, "batches are transposed as well")
    let isSet = try node.int(name) != 0
    return isSet ? node.attributes.removing(name) : node.attributes.setting(name, to: 1)
  }
}
