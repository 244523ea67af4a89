import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes the projections of queries, keys and values within the attention over them: self-attention as one operator.
///
/// The projections are three products of one value with constant matrices, which are put side by side, or the thirds
/// that a `Split` makes of one product. Length-first values that are transposed before and after are read as they are.
///
/// Legal where the value has three axes, nothing else reads projections and matrices, and the concatenation of matrices
/// takes at most 64 MiB.
///
/// Rounding: the runtime sums in another order. NaN and infinities reach the results that they reached.
struct FusePackedAttention: RewriteRule {
  static let summary =
    "MultiHeadAttention(MatMul(x, Q), MatMul(x, K), MatMul(x, V), b) → com.microsoft.Attention(x, Q ‖ K ‖ V, b)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  private static let largestWeight = 64 << 20

  var body: [Rewrite] {
    products
    for isTurned in [false, true] { thirds(isTurned: isTurned) }
  }

  private var products: [Rewrite] {
    let x = Var("x"), mask = Var("mask"), bias = Constant("bias"), attention = Capture("attention")
    let parts = ["q", "k", "v"].map { (weights: Constant("\($0)-weights"), node: Capture($0).exclusive) }
    let inputs = parts.map { Op.MatMul(x, $0.weights, as: $0.node) }
    return [Term.absent, mask.term].map { last in
      Contrib.MultiHeadAttention(
        inputs[0], inputs[1], inputs[2], bias.optional, Term.absent, last, as: attention) => { m in
          let weights = try parts.map { try m[$0.weights] }
          try m.require(
            weights.reduce(0) { $0 + min($1.byteCount, Self.largestWeight + 1) } <= Self.largestWeight,
            "the matrices are large")
          for part in parts { try m.requireOwnWeights(of: part.node) }
          return try m.packed(
            x.term, of: m.shape(of: x), weights, m[optional: bias]?.term ?? .absent, last, attention)
        }
    }
  }

  /// - Parameter isTurned: whether values are transposed to length first for the product, and back.
  private func thirds(isTurned: Bool) -> [Rewrite] {
    let x = Var("x"), w = Constant("weights"), b = Constant("bias"), mask = Var("mask")
    let split = Capture("split"), attention = Capture("attention")
    let turned = Op.Transpose(x, attributes: ["perm": [1, 0, 2]])
    let product = Op.MatMul(isTurned ? turned : x.term, w, as: Capture("product").exclusive)
    let sum = Op.Add(product, b, as: Capture("sum").exclusive).commuting
    return [sum, product].flatMap { projected in
      [Term.absent, mask.term].map { last in
        let inputs = (0..<3).map { index in
          let part = Op.Split(projected, Variadic("sizes"), as: split).output(index)
          return isTurned ? Op.Transpose(part, attributes: ["perm": [1, 0, 2]]) : part
        }
        let rewrite =
          Contrib.MultiHeadAttention(
            inputs[0], inputs[1], inputs[2], Term.absent, Term.absent, last, as: attention) => { m in
            try m.requireThirds(split, of: m[w])
            let bias = m[optional: b]
            if let bias { try m.require(bias.dimensions == [m[w].dimensions[1]], "the bias is no vector") }
            return try m.packed(
              x.term, of: m.shape(of: x), [m[w]], bias == nil ? .absent : b.term, last, attention)
          }
        return rewrite.shrinking
      }
    }
  }

  static let given = """
    float[B, S, 8] x, z; const float[8, 8] q, k, v; const float[24] b; const float[8, 24] w; float[B, 1, S, S] mask; \
    float[8, 8] c
    """

  static let examples: [Example] = [
    .rewrites(
      """
      f = MatMul(x, q); g = MatMul(x, k); h = MatMul(x, v); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(f, g, h, b)
      """, to: "y = com.microsoft.Attention<num_heads = 2, scale = 0.5>(x, qkv, b)"),
    .rewrites(
      """
      p = MatMul(x, w); s = Add(p, b); f, g, h = Split<axis = 2, num_outputs = 3>(s); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(f, g, h, , , mask)
      """, to: "y = com.microsoft.Attention<num_heads = 2, scale = 0.5>(x, w, b, , , mask)"),
    .rewrites(
      """
      t = Transpose<perm = [1, 0, 2]>(x); p = MatMul(t, w); f, g, h = Split<axis = -1, num_outputs = 3>(p); \
      ft = Transpose<perm = [1, 0, 2]>(f); gt = Transpose<perm = [1, 0, 2]>(g); ht = Transpose<perm = [1, 0, 2]>(h); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(ft, gt, ht)
      """, to: "y = com.microsoft.Attention<num_heads = 2, scale = 0.5>(x, w)"),
    .keeps(
      """
      f = MatMul(x, q); g = MatMul(z, k); h = MatMul(z, v); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(f, g, h, b)
      """, because: "queries are of another value"),
    .keeps(
      """
      f = MatMul(x, q); g = MatMul(x, k); h = MatMul(x, c); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(f, g, h, b)
      """, because: "a matrix is computed"),
    .keeps(
      """
      p = MatMul(x, w); f, g, h = Split<axis = 2, num_outputs = 3>(p); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(g, f, h)
      """, because: "the parts change places"),
    .keeps(
      """
      f = MatMul(x, q); g = MatMul(x, k); h = MatMul(x, v); \
      y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(f, g, h, b); z = Neg(q)
      """, because: "a matrix would be stored twice"),
  ]
}

extension Match {
  fileprivate func packed(
    _ x: Term, of shape: Shape, _ weights: [Tensor], _ bias: Term, _ mask: Term, _ attention: Capture
  ) throws -> Term {
    let input = try unwrap(shape.rank == 3 ? shape[2].fixedSize : nil, "the value has no three axes")
    try require(
      weights.allSatisfy { $0.rank == 2 && $0.dimensions[0] == input && $0.elementType == .float32 },
      "the matrices do not fit")
    let widths = weights.map { $0.dimensions[1] }
    let node = try self[attention]
    let heads = try node.int("num_heads")
    try require(heads > 0 && widths.allSatisfy { $0 > 0 && $0 % heads == 0 }, "heads have different sizes")
    var attributes = node.attributes
    if Set(widths).count > 1 {
      try require(widths[0] == widths[1], "queries and keys have different sizes")
      attributes = attributes.setting("qkv_hidden_sizes", to: .init(widths))
    }
    let matrix = try weights.count == 1 ? inputOfProduct().term : Tensor.columns(joining: weights).term
    return Contrib.Attention(x, matrix, bias, Term.absent, Term.absent, mask, attributes: attributes)
  }

  fileprivate func inputOfProduct() throws -> ValueID {
    try self[Var("weights")]
  }

  /// Refuses unless `split` cuts the columns of a product with `weights` into three parts of one size.
  fileprivate func requireThirds(_ split: Capture, of weights: Tensor) throws {
    let node = try self[split]
    let widths = node.outputs.map { model.shape(of: $0)?.dimensions.last?.fixedSize }
    try require(
      weights.rank == 2 && weights.dimensions[1] % 3 == 0 && widths.count == 3
        && widths.allSatisfy { $0 == weights.dimensions[1] / 3 },
      "the product is not split into thirds of its columns")
  }
}
