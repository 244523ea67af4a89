import PassPipeline
import Rewriting

/// Multiplies a product of integers by the scales of its operands within it, as models with quantized weights do it.
///
/// Legal for the types that the runtime has kernels for, where the left scale is one number, the right one is one number
/// or one for each column, and nothing else reads the integers.
///
/// Rounding: the scales are multiplied with the converted sum in another order.
struct FuseIntegerMatMul: RewriteRule {
  static let summary =
    "Mul(Cast(MatMulInteger(A, B, a, b)), Mul(s, t)) → com.microsoft.MatMulIntegerToFloat(A, B, s, t, a, b)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), s = Var("s"), t = Constant("t"), zeros = Variadic("zeros")
    let product = Capture("product").exclusive, cast = Capture("cast").exclusive

    let rewrite =
      Op.Mul(
        Op.Cast(Op.MatMulInteger(a, b, zeros, as: product), as: cast), Op.Mul(s, t).commuting
      ).commuting => { m in
        let types = try (m.elementType(of: a), m.elementType(of: b))
        try m.require(
          types == (.uint8, .uint8) || types == (.uint8, .int8) || types == (.int8, .int8),
          "ONNX Runtime has no kernel for \(types.0) and \(types.1)")
        try m.require(m[cast].elementType("to") == .float32, "the result is not in single precision")
        try m.require(
          m.shape(of: s).fixedSizes?.allSatisfy { $0 == 1 } == true, "the left scale is not one number")
        try m.require(
          m.rank(of: s) <= 1 && m.rank(of: a) >= 2 && m.rank(of: b) == 2, "an operand is no matrix")
        let scale = try m[t], columns = try m.shape(of: b)[1].fixedSize
        try m.require(
          scale.rank == 0 || scale.dimensions == [1] || (scale.rank == 1 && scale.dimensions[0] == columns),
          "the right scale is not one number for each column")
        return Contrib.MatMulIntegerToFloat(a, b, s, t, zeros)
      }
    rewrite
  }

  static let given = """
    uint8[N, 3] a; const int8[3, 4] b; const uint8 z = 128; const int8 w = 0; float s; const float t = 0.1; \
    const float[4] row in 0.1...2; const float[1, 4] deep in 0.1...2; float[N, 1] rows
    """

  static let examples: [Example] = [
    .rewrites(
      "p = MatMulInteger(a, b, z, w); c = Cast<to = 1>(p); u = Mul(s, t); y = Mul(c, u)",
      to: "y = com.microsoft.MatMulIntegerToFloat(a, b, s, t, z, w)"),
    .rewrites(
      "p = MatMulInteger(a, b); c = Cast<to = 1>(p); u = Mul(row, s); y = Mul(u, c)",
      to: "y = com.microsoft.MatMulIntegerToFloat(a, b, s, row)"),
    .keeps(
      "p = MatMulInteger(a, b, z, w); c = Cast<to = 1>(p); u = Mul(rows, t); y = Mul(c, u)",
      because: "each row has a scale"),
    .keeps(
      "p = MatMulInteger(a, b, z, w); c = Cast<to = 1>(p); u = Mul(s, deep); y = Mul(c, u)",
      because: "the scale is no vector"),
    .keeps(
      "p = MatMulInteger(a, b, z, w); c = Cast<to = 1>(p); u = Mul(s, t); y = Mul(c, u); q = Neg(c)",
      because: "the integers are read as well"),
  ]
}
