import PassPipeline
import Rewriting
import TensorCore

/// Multiplies a product of matrices by a constant number within it.
///
/// Legal for single precision where nothing else reads the unscaled product, or the scaled operand, and the constant is
/// one finite number that a float attribute holds and that does not raise the rank. (Where a matrix is constant,
/// `FoldScaleIntoWeights` has done better.)
///
/// Rounding: the factor is applied once to each sum. Products that overflow only before they are scaled may no longer
/// do so; `0 · ∞` is NaN in both for a factor of 0, up to the order.
struct FuseMatMulScale: RewriteRule {
  static let summary = "Mul(MatMul(A, B), c) → com.microsoft.FusedMatMul<alpha = c>(A, B)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let a = Var("A"), b = Var("B"), c = Constant("c"), x = Var("x")
    let product = Capture("product"), factor = Capture("factor"), quotient = Capture("quotient")

    for op in [Op.MatMul, Contrib.FusedMatMul] {
      let inner = op(a, b, as: product.exclusive)
      for scaled in [Op.Mul(inner, c).commuting, Op.Div(inner, c, as: quotient)] {
        scaled => { m in
          try Contrib.FusedMatMul(
            a, b, attributes: m.scaled(product, by: c, of: m[product].outputShape, quotient))
        }
      }
      for operand in [Op.Mul(x, c, as: factor.exclusive).commuting, Op.Div(x, c, as: quotient.exclusive)] {
        op(operand, b, as: product) => { m in
          try Contrib.FusedMatMul(x, b, attributes: m.scaled(product, by: c, of: m.shape(of: x), quotient))
        }
        op(a, operand, as: product) => { m in
          try Contrib.FusedMatMul(a, x, attributes: m.scaled(product, by: c, of: m.shape(of: x), quotient))
        }
      }
    }
  }

  static let given = """
    float[N, 2, 3, 4] a; float[N, 2, 4, 5] b; const float half = 0.5; const float[1] two = 2.0; const float[5] row; \
    const float[2, 1, 1, 1, 1] deep = 0.5; const float zero = 0.0; double[N, 3, 4] d; double[N, 4, 3] e; float s
    """

  static let examples: [Example] = [
    .rewrites("h = MatMul(a, b); y = Mul(h, half)", to: "y = com.microsoft.FusedMatMul<alpha = 0.5>(a, b)"),
    .rewrites("h = MatMul(a, b); y = Div(h, two)", to: "y = com.microsoft.FusedMatMul<alpha = 0.5>(a, b)"),
    .rewrites("h = Mul(half, a); y = MatMul(h, b)", to: "y = com.microsoft.FusedMatMul<alpha = 0.5>(a, b)"),
    .rewrites(
      "h = Div(b, two); g = MatMul(a, h); y = Mul(g, half)",
      to: "y = com.microsoft.FusedMatMul<alpha = 0.25>(a, b)"),
    .keeps("h = MatMul(a, b); y = Mul(h, row)", because: "c is not one number"),
    .keeps("h = MatMul(a, b); y = Mul(h, deep)", because: "c raises the rank"),
    .keeps("h = MatMul(a, b); y = Div(h, zero)", because: "1 / 0 is not finite", execution: .allowsNonFinite),
    .keeps("h = MatMul(a, b); y = Mul(h, s)", because: "c is computed"),
    .keeps("h = MatMul(a, b); y = Mul(h, half); z = Neg(h)", because: "the unscaled product is read"),
    .keeps("h = Mul(a, half); y = MatMul(h, b); z = Neg(h)", because: "the scaled operand is read"),
  ]
}

extension Match {
  fileprivate func scaled(
    _ product: Capture, by c: Constant, of shape: Shape?, _ quotient: Capture
  ) throws -> AttributeList {
    let node = try self[product], tensor = try self[c]
    try require(tensor.elementType == .float32, "ONNX Runtime has no kernel for \(tensor.elementType)")
    let number = try unwrap(tensor.elementCount == 1 ? tensor.scalarValue : nil, "c is not one number")
    try require(tensor.rank <= unwrap(shape, "the rank is unknown").rank, "c raises the rank")
    let old = node.op.name == "FusedMatMul" ? try node.float("alpha") : 1
    let alpha = Float(contains(quotient) ? old / number : old * number)
    try require(alpha.isFinite, "the factor is not finite")
    return node.attributes.setting("alpha", to: .init(.float(alpha)))
  }
}
