import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Folds a constant factor into the weights that its operand comes from: the `1 / √d` of attention scores into the
/// projection of the queries, the layer scale of a block into its last product.
///
/// Between weights and product there may be operators that only move elements, sums and products with constants,
/// and products of two values, of which one is multiplied. Where only a part is multiplied that `Gather` or `Split`
/// takes (queries out of a common projection), the part's channels are.
///
/// Legal where nothing else reads what is multiplied on the way, the factor is one number or one for each index of an
/// axis, the weights are read once and take at most 16 MiB, and every folded number is finite. In models with more than
/// 1 GiB of weights they take at most 64 KiB: copies of many add up to memory that the file itself does not need.
///
/// Rounding: weights and biases are rounded once more, results once less. A sum that overflows only before it is
/// multiplied no longer does, and the other way round; NaN and infinities reach the results that they reached.
struct FoldScaleIntoWeights: Pass {
  static let summary = "Mul(Transpose(MatMul(x, w) + b), c) → Transpose(MatMul(x, c·w) + c·b)"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    let largestWeight = model.hasHugeWeights ? Model.alwaysCopiedWeight : 16 << 20
    for graph in model.allGraphs where (model.opset("", in: graph) ?? 0) >= 7 {
      for node in model.nodes(of: graph) where !model.isErased(node) {
        guard let fold = Self.fold(at: node, in: model, largestWeight) else { continue }
        model.edit(as: Self.name) { rewriter in
          for change in fold.changes {
            rewriter.set(change.operand, to: rewriter.addConstant(change.tensor, in: graph))
          }
          // Shapes were compared before.
          try? rewriter.replaceAllUses(of: fold.product, with: fold.operand)
          rewriter.eraseIfDead(node)
        }
      }
    }
  }

  private struct Fold {
    var product: ValueID
    var operand: ValueID
    var changes: [ScaledWeights.Change]
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func fold(at node: NodeID, in model: Model, _ largestWeight: Int) -> Fold? {
    guard let (operand, factor) = product(at: node, in: model), let output = model.output(0, of: node),
      let scale = scale(factor, of: operand, giving: output, in: model)
    else { return nil }
    var weights = ScaledWeights(model, in: model.graph(of: node), largestWeight: largestWeight)
    do {
      try weights.multiply(operand, by: scale)
      return Fold(product: output, operand: operand, changes: weights.changes)
    } catch {
      return nil
    }
  }

  /// What a node multiplies by which constant.
  private static func product(at node: NodeID, in model: Model) -> (operand: ValueID, factor: RealTensor)? {
    let name = model.operatorName(of: node)
    guard name == OperatorName("Mul") || name == OperatorName("Div"),
      let left = model.input(0, of: node), let right = model.input(1, of: node)
    else { return nil }
    let isQuotient = name.name == "Div"
    guard let constant = model.constant(right) ?? (isQuotient ? nil : model.constant(left)),
      constant.elementType.isFloatingPoint, let factor = try? constant.real()
    else { return nil }
    let operand = model.constant(right) != nil ? left : right
    return (operand, isQuotient ? (try? factor.map { 1 / $0 }) ?? factor : factor)
  }

  /// Nil for factors that change the shape, that differ along several axes, and for 0, NaN and infinities.
  private static func scale(
    _ factor: RealTensor, of operand: ValueID, giving output: ValueID, in model: Model
  ) -> AxisScale? {
    guard let shape = model.shape(of: operand), let result = model.shape(of: output),
      shape.isKnownEqual(to: result),
      factor.values.allSatisfy({ $0.isFinite && $0 != 0 }), let first = factor.values.first
    else { return nil }
    if factor.values.allSatisfy({ $0 == first }) { return AxisScale(factors: [first], axis: nil) }
    let axes = factor.dimensions.indices.filter { factor.dimensions[$0] != 1 }
    guard axes.count == 1, factor.dimensions.count <= shape.rank else { return nil }
    let axis = axes[0] + shape.rank - factor.dimensions.count
    guard shape[axis].fixedSize == factor.values.count else { return nil }
    return AxisScale(factors: factor.values, axis: axis)
  }

  static let given = """
    float[N, 4, 6] x; const float[6, 6] w; const float[6] b; const float[6] d; const float two = 2.0; const float[6, 1] column; \
    const float zero = 0.0; float[N, 6, 5] k; const float[6, 18] wide; const float[18] long; const float[6] v; \
    float[N, 3, 8, 8] image; const float[6, 3, 1, 1] kernel; const float[6, 1, 1] channel; float e
    """

  static let examples: [Example] = [
    .rewrites(
      "h = MatMul(x, w); s = Add(h, b); y = Mul(s, two)", to: "h = MatMul(x, w_1); y = Add(h, b_1)"),
    .rewrites(
      """
      h = MatMul(x, w); s = Add(b, h); r = Reshape(s, {0, 4, 2, 3}); q = Transpose<perm = [0, 2, 1, 3]>(r); \
      t = Reshape(q, {-1, 3, 4}); y = Mul(t, two)
      """,
      to: """
        h = MatMul(x, w_1); s = Add(b_1, h); r = Reshape(s, {0, 4, 2, 3}); q = Transpose<perm = [0, 2, 1, 3]>(r); \
        y = Reshape(q, {-1, 3, 4})
        """),
    .rewrites(
      "q = MatMul(x, w); s = MatMul(q, k); y = Div(s, two)", to: "q = MatMul(x, w_1); y = MatMul(q, k)"),
    .rewrites(
      "h = MatMul(x, w); s = Add(h, b); t = Transpose<perm = [0, 2, 1]>(s); y = Mul(t, column)",
      to: "h = MatMul(x, w_1); s = Add(h, b_1); y = Transpose<perm = [0, 2, 1]>(s)"),
    .rewrites(
      """
      h = MatMul(x, wide); s = Add(h, long); r = Reshape(s, {0, 4, 3, 6}); q = Gather<axis = 2>(r, 0); \
      p = Gather<axis = 2>(r, 1); y = Mul(q, two)
      """,
      to: """
        h = MatMul(x, w_1); s = Add(h, b_1); r = Reshape(s, {0, 4, 3, 6}); y = Gather<axis = 2>(r, 0); \
        p = Gather<axis = 2>(r, 1)
        """, outputs: ["y", "p"]),
    .rewrites(
      "h = MatMul(x, wide); q, p = Split<axis = 2>(h, {6, 12}); y = Mul(q, two)",
      to: "h = MatMul(x, w_1); y, p = Split<axis = 2>(h, {6, 12})", outputs: ["y", "p"]),
    .rewrites("h = Conv(image, kernel, d); y = Mul(h, channel)", to: "y = Conv(image, w_1, b_1)"),
    .keeps("h = MatMul(x, w); y = Mul(h, two); z = Neg(h)", because: "the product is read twice"),
    .keeps("h = MatMul(x, w); g = MatMul(h, w); y = Mul(h, g)", because: "there is no constant"),
    .keeps("h = MatMul(x, wide); q = Softmax(h); y = Mul(q, two)", because: "Softmax is not linear"),
    .keeps(
      "h = MatMul(x, w); g = Relu(h); y = Mul(g, column)", because: "c differs along two axes",
      given: "float[N, 6, 6] x; const float[6, 6] w, column"),
    .keeps("h = MatMul(x, w); y = Mul(h, zero)", because: "zeros would hide what the weights were"),
    .keeps("h = MatMul(x, w); y = Mul(h, e)", because: "the factor is computed"),
    .keeps("h = MatMul(x, w); s = Add(h, e); y = Mul(s, two)", because: "a summand is computed"),
    .keeps(
      """
      h = MatMul(x, wide); r = Reshape(h, {0, 4, 3, 6}); q = Gather<axis = 2>(r, 0); p = Gather<axis = 2>(r, {0, 1}); \
      y = Mul(q, two)
      """, because: "others read what is multiplied"),
    .keeps(
      "h = MatMul(x, w); g = MatMul(k, w); y = Mul(h, two)", because: "others read the weights",
      given: "float[N, 4, 40] x, k; const float[40, 40] w; const float two = 2.0"),
  ]
}
