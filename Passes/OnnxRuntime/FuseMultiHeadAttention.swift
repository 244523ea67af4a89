import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes attention, `softmax(c · Q·Kᵀ + mask) · V`, with the division of queries, keys and values into heads and the
/// joining of the results, in one operator.
///
/// Keys and values are read as [batch, length, heads · size] where a `Reshape` and a `Transpose` divide them, and else as
/// [batch, heads, length, size], as caches of decoders have them; queries that something else divides are joined. Values
/// whose first axis is the length are transposed.
///
/// Legal for single precision where Q, K and V have the same batch and heads, the softmax is over the last axis, c is one
/// positive number, the mask has four axes and the lengths of Q and K (the runtime does not broadcast these), and
/// nothing else reads what lies between.
///
/// Rounding: the runtime sums in another order. Where all that a row may look at is masked by −∞, both give NaN, or the
/// operator 0.
struct FuseMultiHeadAttention: RewriteRule {
  static let summary =
    "Reshape(Transpose(MatMul(Softmax(c · MatMul(q, kᵀ) + mask), v))) → com.microsoft.MultiHeadAttention(q, k, v)"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let q = Var("q"), k = Var("k"), v = Var("v"), mask = Var("mask"), c = Constant("c")
    let softmax = Capture("softmax"), quotient = Capture("quotient"), masked = Capture("masked")
    let turned = Capture("turned"), joined = Capture("joined")
    let product = Op.MatMul(q, k, as: Capture("product").exclusive)
    let scaled = [
      Op.Mul(product, c, as: Capture("scaled").exclusive).commuting,
      Op.Div(product, c, as: quotient.exclusive), product,
    ]

    for scores in scaled {
      for logits in [Op.Add(scores, mask, as: masked.exclusive).commuting, scores] {
        let context = Op.MatMul(
          Op.Softmax(logits, as: softmax.exclusive), v, as: Capture("context").exclusive)
        Op.Reshape(Op.Transpose(context, as: turned.exclusive), Variadic("target"), as: joined) => { m in
          try m.requireSingle(q)
          let shape = try m.scoresShape(q, k, v)
          let axis = try m[softmax].int("axis")
          try m.require((axis == -1 || axis == 3) && m.opset >= 13, "the softmax is over other axes")
          if m.contains(masked) { try m.requireAttentionBias(mask, fits: shape) }
          let heads = try m.unwrap(shape[1].fixedSize, "the number of heads is unknown")
          let scale = try m.attentionScale(c, isDivisor: m.contains(quotient))
          let bias: Term = m.contains(masked) ? mask.term : .absent
          let (keys, values) = try m.keysAndValues(k, v)
          let attention = try Contrib.MultiHeadAttention(
            m.joinedQueries(q, heads: heads), keys, values, Term.absent, Term.absent, bias,
            attributes: ["num_heads": .init(heads), "scale": .init(.float(scale))])
          return try m.joined(attention, by: joined, after: turned)
        }
      }
    }
  }

  static let given = """
    float[B, S, 8] q; float[B, T, 8] k; float[B, T, 8] v; const int64[4] two = {0, 0, 2, 4}; float[B, 2, T, 4] k4, v4; \
    const int64[3] back = {0, 0, 8}; const int64[2] flat = {-1, 8}; float[B, 1, S, T] mask; float[B, 1, 1, T] keys; \
    float[B, 2, S, 4] q4; float[S, B, 8] qs; float[T, B, 8] ks, vs; const float half = 0.5
    """

  private static let divided = """
    qr = Reshape(q, two); qt = Transpose<perm = [0, 2, 1, 3]>(qr); kr = Reshape(k, two); \
    kt = Transpose<perm = [0, 2, 3, 1]>(kr); vr = Reshape(v, two); vt = Transpose<perm = [0, 2, 1, 3]>(vr); \
    s = MatMul(qt, kt);
    """

  static let examples: [Example] = [
    .rewrites(
      divided
        + "p = Softmax(s); a = MatMul(p, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back)",
      to: "y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 1.0>(q, k, v)"),
    .rewrites(
      divided + """
        u = Div(s, 2.0); l = Add(u, mask); p = Softmax<axis = 3>(l); a = MatMul(p, vt); \
        t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, flat)
        """,
      to: """
        h = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(q, k, v, , , mask); y = Reshape(h, flat)
        """),
    .rewrites(
      """
      kt = Transpose<perm = [0, 1, 3, 2]>(k4); s = MatMul(q4, kt); u = Mul(s, half); p = Softmax(u); a = MatMul(p, v4); \
      t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back)
      """,
      to: """
        t = Transpose<perm = [0, 2, 1, 3]>(q4); r = Reshape(t, to); \
        y = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 0.5>(r, k4, v4)
        """),
    .rewrites(
      """
      qr = Reshape(qs, two); qt = Transpose<perm = [1, 2, 0, 3]>(qr); kr = Reshape(ks, two); \
      kt = Transpose<perm = [1, 2, 3, 0]>(kr); vr = Reshape(vs, two); vt = Transpose<perm = [1, 2, 0, 3]>(vr); \
      s = MatMul(qt, kt); p = Softmax(s); a = MatMul(p, vt); t = Transpose<perm = [2, 0, 1, 3]>(a); y = Reshape(t, flat)
      """,
      to: """
        qb = Transpose<perm = [1, 0, 2]>(qs); kb = Transpose<perm = [1, 0, 2]>(ks); vb = Transpose<perm = [1, 0, 2]>(vs); \
        h = com.microsoft.MultiHeadAttention<num_heads = 2, scale = 1.0>(qb, kb, vb); \
        t = Transpose<perm = [1, 0, 2]>(h); y = Reshape(t, flat)
        """),
    .keeps(
      divided + """
        l = Add(s, keys); p = Softmax(l); a = MatMul(p, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back)
        """, because: "the runtime takes no mask that broadcasts along the queries"),
    .keeps(
      divided + """
        p = Softmax(s); a = MatMul(p, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back); z = Neg(p)
        """, because: "the probabilities are read as well"),
    .keeps(
      divided
        + "p = Softmax<axis = 2>(s); a = MatMul(p, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back)",
      because: "the softmax is over the queries"),
    .keeps(
      divided
        + "p = Softmax(s); a = MatMul(p, vt); t = Transpose<perm = [0, 3, 1, 2]>(a); y = Reshape(t, {0, -1})",
      because: "the heads are not put together"),
    .keeps(
      divided
        + "p = Softmax(s); a = MatMul(p, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, {0, 0, 0, 4})",
      because: "the target copies an axis that goes"),
  ]
}

extension Match {
  fileprivate func requireAttentionBias(_ mask: Var, fits scores: Shape) throws {
    try requireMask(mask, fits: scores)
    try require(try rank(of: mask) == 4, "the mask has fewer than four axes")
  }

  /// [batch, length, heads · size] of queries [batch, heads, length, size].
  fileprivate func joinedQueries(_ q: Var, heads: Int) throws -> Term {
    if let parts = try dividedHeads(self[q]) { return parts.batchFirst }
    let size = try unwrap(try shape(of: q)[3].fixedSize, "the size of heads is unknown")
    let width = try product(heads, size)
    let turned = Op.Transpose(q, attributes: ["perm": [0, 2, 1, 3]])
    return try Op.Reshape(turned, Tensor(int64: [0, 0, width]))
  }

  /// Both with three axes where both can be read so, else both with four.
  fileprivate func keysAndValues(_ k: Var, _ v: Var) throws -> (Term, Term) {
    if let keys = try dividedHeads(self[k], isTurned: true), let values = try dividedHeads(self[v]) {
      return (keys.batchFirst, values.batchFirst)
    }
    let (keys, values) = (try shape(of: k), try shape(of: v))
    try require(
      keys[2].fixedSize != nil && keys[2].isKnownEqual(to: values[3]) && keys[3].isKnownEqual(to: values[2]),
      "keys and values have other sizes")
    return (try withLastAxesExchanged(self[k]), v.term)
  }

  /// What `reshape` makes of the results [batch, length, heads · size], which `transpose` and it put together.
  fileprivate func joined(_ attention: Term, by reshape: Capture, after transpose: Capture) throws -> Term {
    let permutation = try self[transpose].optionalInts("perm") ?? []
    try require(
      permutation == [0, 2, 1, 3] || permutation == [2, 0, 1, 3], "the heads are not put together")
    let result =
      permutation == [0, 2, 1, 3]
      ? attention : Op.Transpose(attention, attributes: ["perm": [1, 0, 2]])
    let parts = try unwrap(self[transpose].outputShape, "the shape is unknown")
    if let shape = try self[reshape].outputShape, shape.rank == 3, shape[0].isKnownEqual(to: parts[0]),
      shape[1].isKnownEqual(to: parts[1]), shape[2].isKnownEqual(to: parts[2] * parts[3])
    {
      return result
    }
    let target = try self[reshape].ints("shape")
    try require(
      target.dropFirst(2).allSatisfy { $0 != 0 } || self[reshape].int("allowzero") != 0,
      "the target copies an axis that goes")
    return try Op.Reshape(
      result, unwrap(self[reshape].inputs.last ?? nil, "the target is unknown"),
      attributes: self[reshape].attributes)
  }
}
