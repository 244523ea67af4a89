import GraphIR
import PassPipeline
import Rewriting

/// Moves `Transpose` past operators that can compute with axes in any order, wherever fewer of them remain:
/// pairs that undo each other meet, and others end where the order does not matter.
///
/// Of what is connected to a `Transpose` by such operators, a minimum cut finds those that are to compute in the
/// other order, so that the fewest values are transposed: no other choice leaves fewer. Nothing is moved where not
/// fewer remain, so that the pass comes to rest. Constants take the new order (those of more than 1,024 elements
/// only where nothing else reads them), axes and pads are renumbered.
///
/// Operators: element-wise ones with broadcasting, `Concat`, `Split`, `Softmax` and others along an axis, `Reduce…`,
/// `ArgMax`, `Pad`, `Slice`, `Tile`, `Expand`, `Squeeze`, `Unsqueeze`, `Gather`, `QuantizeLinear`, `DequantizeLinear`,
/// `MatMul` and `LayerNormalization`, where the last axes stay.
///
/// Rounding: a runtime may sum in another order. NaN, infinities and overflow are as for any order of summing.
struct SinkTransposes: Pass {
  static let summary = "Transpose(f(Transpose(x, p)), p⁻¹) → f(x), over whole regions"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    for graph in model.allGraphs where (model.opset("", in: graph) ?? 0) >= 7 {
      var seen: Set<NodeID> = []
      for node in model.nodes(of: graph) where !model.isErased(node) && !seen.contains(node) {
        guard model.operatorName(of: node) == OperatorName("Transpose"),
          var change = Self.change(around: node, in: model, noting: &seen)
        else { continue }
        model.edit(as: Self.name) { change.rewrite.apply(in: change.order, with: &$0) }
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func change(
    around node: NodeID, in model: Model, noting seen: inout Set<NodeID>
  ) -> (rewrite: LayoutRewrite, order: [Int])? {
    guard let region = LayoutRegion(around: node, in: model) else { return nil }
    for tensor in region.tensors { seen.formUnion(tensor.transposes) }
    guard !region.nodes.isEmpty else { return nil }
    let choice = LayoutChoice(for: region, in: model)
    guard choice.transposeCount < region.transposeCount,
      let rewrite = try? LayoutRewrite(region, changing: choice.isChanged, in: model)
    else { return nil }
    let order = model.nodes(of: region.graph).compactMap { region.nodeIndices[$0] }
    return (rewrite: rewrite, order: order)
  }

  static let given = """
    float[N, 3, 8, 6] x; float[N, 8, 6, 3] z, u; const float[3] c; const int64[2] space = {1, 2}; \
    const int64[8] p = {0, 1, 2, 0, 0, 1, 0, 0}; float[8, 6, 3] r; float[S, N, 3] q; const float[3, 5] w; \
    const float[5] f
    """

  static let examples: [Example] = [
    .rewrites(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); b = Relu(a); e = Add(b, c); y = Transpose<perm = [0, 3, 1, 2]>(e)",
      to: "b = Relu(x); y = Add(b, c_1)"),
    .rewrites(
      """
      a = Transpose<perm = [0, 2, 3, 1]>(x); b = Softmax(a); e = Concat<axis = 3>(a, b); \
      f, g = Split<axis = 3, num_outputs = 2>(e); h = Mul(f, g); y = Transpose<perm = [0, 3, 1, 2]>(h)
      """,
      to: """
        b = Softmax<axis = 1>(x); e = Concat<axis = 1>(x, b); f, g = Split<num_outputs = 2, axis = 1>(e); \
        y = Mul(f, g)
        """),
    .rewrites(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); y = ReduceMean<keepdims = 0>(a, space)",
      to: "y = ReduceMean<keepdims = 0>(x, {2, 3})"),
    .rewrites(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); y = ArgMax<axis = -1, keepdims = 0>(a)",
      to: "y = ArgMax<keepdims = 0, axis = 1>(x)"),
    .rewrites(
      """
      a = Transpose<perm = [0, 2, 3, 1]>(x); b = Pad(a, p); e = Slice(b, {1}, {3}, {-1}); \
      y = Transpose<perm = [0, 3, 1, 2]>(e)
      """,
      to: "b = Pad(x, {0, 0, 1, 2, 0, 0, 1, 0}); y = Slice(b, {1}, {3}, {1})"),
    .rewrites(
      """
      a = Transpose<perm = [0, 2, 3, 1]>(x); b = ReduceMax(a, space); e = Sigmoid(b); f = Mul(a, e); \
      y = Transpose<perm = [0, 3, 1, 2]>(f)
      """,
      to: "b = ReduceMax(x, {2, 3}); e = Sigmoid(b); y = Mul(x, e)"),
    .rewrites(
      "a = Transpose<perm = [0, 3, 1, 2]>(z); b = Transpose<perm = [0, 3, 1, 2]>(u); e = Sub(a, b); y = Exp(e)",
      to: "e = Sub(z, u); f = Transpose<perm = [0, 3, 1, 2]>(e); y = Exp(f)"),
    .rewrites(
      "a = Transpose<perm = [1, 0, 2]>(q); b = MatMul(a, w); e = Add(b, f); y = Transpose<perm = [1, 0, 2]>(e)",
      to: "b = MatMul(q, w); y = Add(b, f)"),
    .rewrites(
      """
      a = Transpose<perm = [0, 2, 3, 1]>(x); b = Squeeze(a, {0}); e = Neg(b); g = Unsqueeze(e, {0}); \
      y = Transpose<perm = [0, 3, 1, 2]>(g)
      """,
      to: "b = Squeeze(x, {0}); e = Neg(b); y = Unsqueeze(e, {0})",
      given: "float[1, 3, 8, 6] x"),
    .keeps("a = Transpose<perm = [0, 2, 3, 1]>(x); y = Relu(a)", because: "one Transpose would remain"),
    .keeps(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); b = Relu(a); y = Transpose<perm = [0, 2, 1, 3]>(b)",
      because: "they do not undo each other"),
    .keeps(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); b = Add(a, r); y = Transpose<perm = [0, 3, 1, 2]>(b)",
      because: "an operand has fewer axes"),
    .keeps(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); y = ReduceMean<keepdims = 0>(a, {1})",
      because: "what remains would have another order"),
    .keeps(
      "a = Transpose<perm = [0, 2, 1, 3]>(x); b = MatMul(a, m); y = Transpose<perm = [0, 2, 1, 3]>(b)",
      because: "rows and columns of the other factor are elsewhere",
      given: "float[N, 3, 8, 6] x; float[8, 6, 2] m"),
    .keeps(
      "a = Transpose<perm = [0, 2, 3, 1]>(x); b = Softmax<axis = 1>(a); y = Transpose<perm = [0, 3, 1, 2]>(b)",
      because: "it joins all axes from the second on", opset: 11),
  ]
}
