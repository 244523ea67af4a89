import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `Attention`: `softmax(c · Q·Kᵀ + mask) · V` over [batch, heads, length, size], with or without factor
/// and mask. `FuseAttentionScale` takes in factors of Q and K, `FuseAttentionHeads` what divides a value into heads.
///
/// Legal from operator set 23 on for single and half precision, where Q, K and V have the same batch and heads, the
/// softmax is over the last axis, c is one positive number that does not broadcast, and the mask has the lengths of Q
/// and K (runtimes do not broadcast them) and does not enlarge the scores. Parts that others read stay; it refuses where
/// not fewer nodes would remain.
///
/// A mask's lowest number becomes the next one: see `openMask`.
///
/// Rounding: the factor is rounded to single precision, and its root applied to Q and to K. Where all that a row may
/// look at is masked by −∞, the parts give NaN, and a runtime may give 0. Other NaN and infinities reach the results
/// that they reached.
struct FuseAttention: RewriteRule {
  static let summary = "MatMul(Softmax(c · MatMul(q, kᵀ) + mask), v) → Attention<scale = c>(q, k, v, mask)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let q = Var("q"), k = Var("k"), v = Var("v"), mask = Var("mask"), c = Constant("c")
    let softmax = Capture("softmax"), quotient = Capture("quotient"), masked = Capture("masked")
    let product = Op.MatMul(q, k)

    for scores in [Op.Mul(product, c).commuting, Op.Div(product, c, as: quotient), product] {
      for logits in [Op.Add(scores, mask, as: masked).commuting, scores] {
        let rewrite =
          Op.MatMul(Op.Softmax(logits, as: softmax), v) => { m in
            try m.requireHalfOrSingle(q)
            let shape = try m.scoresShape(q, k, v)
            let axis = try m[softmax].int("axis")
            try m.require(axis == -1 || axis == 3, "the softmax is over another axis")
            if m.contains(masked) { try m.requireMask(mask, fits: shape) }
            let scale = try m.attentionScale(c, isDivisor: m.contains(quotient))
            return try Op.Attention(
              q, m.withLastAxesExchanged(m[k]), v, m.contains(masked) ? m.openMask(mask) : .absent,
              attributes: ["scale": AttributeLiteral(.float(scale))])
          }
        rewrite.shrinking
      }
    }
  }

  static let given = """
    float[B, 2, S, 4] q; float[B, 2, T, 4] k; float[B, 2, 4, T] t; float[B, 2, T, 3] v; float[B, 1, S, T] mask; \
    float[B, 1, 1, T] keys; const float half = 0.5; const float minus = -0.5; float[B, T, 2, 4] apart; float[B, 1, T, 3] one; \
    const float[4, 1, 1, 1, 1] deep = 0.5; bool[B, 1, S, T] seen; const float zero = 0.0; \
    const float least = -3.4028234663852886e38
    """

  static let examples: [Example] = [
    .rewrites(
      """
      r = Transpose<perm = [0, 1, 3, 2]>(k); s = MatMul(q, r); u = Mul(s, half); p = Softmax(u); y = MatMul(p, v)
      """, to: "y = Attention<scale = 0.5>(q, k, v)", opset: 23),
    .rewrites(
      """
      r = Transpose<perm = [0, 2, 3, 1]>(apart); s = MatMul(q, r); u = Div(s, 2.0); a = Add(mask, u); \
      p = Softmax<axis = 3>(a); y = MatMul(p, v)
      """,
      to: """
        k = Transpose<perm = [0, 2, 1, 3]>(apart); l = Equal(mask, lowest); o = Where(l, next, mask); \
        y = Attention<scale = 0.5>(q, k, v, o)
        """, opset: 23),
    .rewrites(
      """
      m = Where(seen, zero, least); r = Transpose<perm = [0, 1, 3, 2]>(k); s = MatMul(q, r); a = Add(s, m); \
      p = Softmax(a); y = MatMul(p, v)
      """, to: "m = Where(seen, zero, next); y = Attention<scale = 1.0>(q, k, v, m)", opset: 23),
    .rewrites(
      """
      m = Where(seen, zero, minus); r = Transpose<perm = [0, 1, 3, 2]>(k); s = MatMul(q, r); a = Add(m, s); \
      p = Softmax(a); y = MatMul(p, v)
      """, to: "m = Where(seen, zero, minus); y = Attention<scale = 1.0>(q, k, v, m)", opset: 23),
    .rewrites(
      """
      r = Transpose<perm = [0, 1, 3, 2]>(k); s = MatMul(q, r); a = Add(s, fixed); p = Softmax(a); y = MatMul(p, v)
      """, to: "y = Attention<scale = 1.0>(q, k, v, lifted)",
      given: """
        float[B, 2, 2, 4] q, k, v; const float[2, 2] fixed = {-3.4028234663852886e38, -3.4028234663852886e38, 0, 1}
        """, opset: 23),
    .rewrites(
      "s = MatMul(q, t); p = Softmax(s); y = MatMul(p, v)",
      to: "k = Transpose<perm = [0, 1, 3, 2]>(t); y = Attention<scale = 1.0>(q, k, v)", opset: 23),
    .keeps(
      "s = MatMul(q, t); u = Mul(s, half); p = Softmax(u); y = MatMul(p, v)",
      because: "Attention is not in the operator set that the model imports", opset: 22),
    .keeps(
      "s = MatMul(q, t); u = Mul(s, half); a = Add(u, keys); p = Softmax(a); y = MatMul(p, v)",
      because: "runtimes take no mask that broadcasts along the queries", opset: 23),
    .keeps(
      "s = MatMul(q, t); u = Mul(s, minus); p = Softmax(u); y = MatMul(p, v)",
      because: "a negative factor has no root", opset: 23),
    .keeps(
      "s = MatMul(q, t); p = Softmax<axis = 1>(s); y = MatMul(p, v)",
      because: "the softmax is over the heads",
      opset: 23),
    .keeps(
      "s = MatMul(q, t); p = Softmax(s); y = MatMul(p, one)", because: "V has other heads", opset: 23),
    .keeps(
      "s = MatMul(q, t); u = Mul(s, half); p = Softmax(u); y = MatMul(p, v); w = Neg(p)",
      because: "the probabilities are read as well", opset: 23),
    .keeps(
      "s = MatMul(q, t); p = Softmax(s); y = MatMul(p, v)", because: "there are no heads",
      given: "float[B, S, 4] q; float[B, 4, T] t; float[B, T, 3] v", opset: 23),
  ]
}

extension Match {
  func attentionScale(_ constant: Constant, isDivisor: Bool) throws -> Float {
    guard let tensor = self[optional: constant] else { return 1 }
    let number = try attentionFactor(tensor)
    return Float(isDivisor ? 1 / number : number)
  }

  /// A number that attention can be scaled by.
  func attentionFactor(_ tensor: Tensor) throws -> Double {
    let number = try unwrap(
      tensor.elementCount == 1 ? tensor.scalarValue : nil, "the factor is not one number")
    try require(
      tensor.rank <= 4 && number > 0 && Float(number).isNormal && Float(1 / number).isNormal,
      "the factor is no positive number, or raises the rank")
    return number
  }
}
