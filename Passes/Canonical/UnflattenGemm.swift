import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Multiplies with all axes where exporters flatten all but the last one first and restore them afterwards:
/// `MatMul` takes any number of axes.
///
/// Legal where the sizes before and after are known to be the same but for the last axis, nothing else reads the
/// matrix between, and `Gemm` has no factors. A weight that is to be transposed must be a constant that nothing
/// else reads.
///
/// Rounding: the bias is added after the sum, not before it. NaN and infinities come out as before, overflow as in
/// any other order of adding.
struct UnflattenGemm: RewriteRule {
  static let summary = "Reshape(Gemm(Reshape(x, [−1, k]), w, b)) → Add(MatMul(x, w), b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), flat = Var("flat"), full = Var("full"), w = Var("w"),
      parameters = Variadic("parameters")
    let gemm = Capture("gemm").exclusive, outer = Capture("outer"), inner = Capture("inner")

    Op.Reshape(
      Op.Gemm(Op.Reshape(x, flat, as: inner), w, parameters, as: gemm), full, as: outer
    ) => { m -> Term in
      try m.requirePlain(gemm)
      let shape = try m.shape(of: x), result = try m.unwrap(m[outer].outputShape, "the shape is unknown")
      let matrix = try m.unwrap(m[inner].outputShape, "the shape is unknown")
      let product = try m.unwrap(m[gemm].outputShape, "the shape is unknown")
      try m.require(
        shape.rank > 2 && result.rank == shape.rank && matrix.rank == 2 && product.rank == 2,
        "it is no matrix with more axes")
      try m.require(
        Shape(shape.dimensions.dropLast()).isKnownEqual(to: Shape(result.dimensions.dropLast()))
          && shape[shape.rank - 1].isKnownEqual(to: matrix[1]), "the axes may change")
      try m.require(result[result.rank - 1].isKnownEqual(to: product[1]), "the axes may change")
      let matMul = Op.MatMul(x, try m.weight(w, of: gemm))
      guard let bias = m[parameters].first.flatMap({ $0 }) else { return matMul }
      try m.require(m.model.shape(of: bias)?.isRow ?? false, "the bias differs by row")
      return Op.Add(matMul, bias)
    }
  }

  static let given = """
    float[N, 4, 3] x; const float[3, 5] w; const float[5, 3] t; const float[5] b; const int64[2] flat = {-1, 3}; \
    const int64[3] full = {-1, 4, 5}; const int64[3] other = {-1, 2, 5}; const float[8, 5] rows
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Reshape(x, flat); g = Gemm(h, w, b); y = Reshape(g, full)", to: "m = MatMul(x, w); y = Add(m, b)"),
    .rewrites("h = Reshape(x, flat); g = Gemm(h, w); y = Reshape(g, full)", to: "y = MatMul(x, w)"),
    .rewrites(
      "h = Reshape(x, flat); g = Gemm<transB = 1>(h, t, b); y = Reshape(g, full)",
      to: "u = Transpose<perm = [1, 0]>(t); m = MatMul(x, u); y = Add(m, b)"),
    .keeps("h = Reshape(x, flat); g = Gemm(h, w, b); y = Reshape(g, other)", because: "the axes change"),
    .keeps(
      "h = Reshape(x, flat); g = Gemm<alpha = 0.5>(h, w, b); y = Reshape(g, full)",
      because: "there is a factor"),
    .keeps(
      "h = Reshape(x, flat); g = Gemm(h, w, b); y = Reshape(g, full); z = Relu(g)",
      because: "another node reads the matrix"),
    .keeps(
      "h = Reshape(x, flat); g = Gemm<transB = 1>(h, t, b); y = Reshape(g, full); z = Relu(t)",
      because: "the weight would be stored twice"),
    .keeps(
      "h = Reshape(x, flat); g = Gemm(h, w, rows); y = Reshape(g, full)", because: "the bias differs by row",
      given:
        "float[2, 4, 3] x; const float[3, 5] w; const float[8, 5] rows; const int64[2] flat = {-1, 3}; const int64[3] full = {-1, 4, 5}"
    ),
  ]
}

extension Shape {
  /// Whether it broadcasts along all axes but the last.
  fileprivate var isRow: Bool { dimensions.dropLast().allSatisfy { $0 == .fixed(1) } && rank <= 2 }
}

extension Match {
  fileprivate func requirePlain(_ gemm: Capture) throws {
    let node = try self[gemm]
    try require(
      node.float("alpha") == 1 && node.float("beta") == 1 && node.int("transA") == 0,
      "there are factors, or transA")
    try require(
      model.elementType(of: node.output)?.isFloatingPoint ?? false, "the numbers are no floating point")
  }

  fileprivate func weight(_ w: Var, of gemm: Capture) throws -> Term {
    guard try self[gemm].int("transB") != 0 else { return w.term }
    let value = try self[w]
    try require(
      model.constant(value) != nil && model.hasOneUse(value), "the transposed weight would be stored twice")
    return Op.Transpose(w, attributes: ["perm": [1, 0]])
  }
}
