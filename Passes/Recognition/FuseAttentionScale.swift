import PassPipeline
import Rewriting

/// Takes a factor of an `Attention`'s queries or keys into its scale: exporters multiply both by the root of it.
///
/// Legal where the factor is one positive number that does not broadcast, nothing else reads the product, and the
/// scale is given.
///
/// Rounding: products of factors are rounded to single precision once. NaN and infinities reach the results that they
/// reached.
struct FuseAttentionScale: RewriteRule {
  static let summary = "Attention<scale = s>(Mul(q, c), k, v) → Attention<scale = c·s>(q, k, v)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let q = Var("q"), k = Var("k"), c = Constant("c"), rest = Variadic("rest")
    let factor = Capture("factor").exclusive, quotient = Capture("quotient").exclusive
    let attention = Capture("attention")

    for scaled in [Op.Mul(q, c, as: factor).commuting, Op.Div(q, c, as: quotient)] {
      Op.Attention(scaled, k, rest, as: attention) => { m in
        try Op.Attention(q, k, rest, attributes: m.scaled(attention, by: c, isDivisor: m.contains(quotient)))
      }
    }
    for scaled in [Op.Mul(k, c, as: factor).commuting, Op.Div(k, c, as: quotient)] {
      Op.Attention(q, scaled, rest, as: attention) => { m in
        try Op.Attention(q, k, rest, attributes: m.scaled(attention, by: c, isDivisor: m.contains(quotient)))
      }
    }
  }

  static let given = """
    float[B, 2, S, 4] q; float[B, 2, T, 4] k; float[B, 2, T, 3] v; const float half = 0.5; const float minus = -0.5; \
    const float[4] row in 0.5...1; const float[1, 1, 1, 1, 1] deep = 0.5; float[S, T] mask
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Mul(q, half); y = Attention<scale = 0.5>(h, k, v)", to: "y = Attention<scale = 0.25>(q, k, v)",
      opset: 23),
    .rewrites(
      "h = Div(k, half); y = Attention<scale = 0.5>(q, h, v, mask)",
      to: "y = Attention<scale = 1.0>(q, k, v, mask)",
      opset: 23),
    .rewrites(
      "h = Mul(half, q); g = Mul(k, half); y = Attention<scale = 1.0>(h, g, v)",
      to: "y = Attention<scale = 0.25>(q, k, v)", opset: 23),
    .keeps("h = Mul(q, half); y = Attention(h, k, v)", because: "the scale is not given", opset: 23),
    .keeps(
      "h = Mul(q, row); y = Attention<scale = 0.5>(h, k, v)", because: "the factor is not one number",
      opset: 23),
    .keeps(
      "h = Mul(q, minus); y = Attention<scale = 0.5>(h, k, v)", because: "the factor is negative", opset: 23),
    .keeps(
      "h = Mul(v, half); y = Attention<scale = 0.5>(q, k, h)", because: "it is a factor of the values",
      opset: 23),
    .keeps(
      "h = Mul(q, half); y = Attention<scale = 0.5>(h, k, v); z = Neg(h)",
      because: "the product is read twice",
      opset: 23),
  ]
}

extension Match {
  fileprivate func scaled(_ attention: Capture, by c: Constant, isDivisor: Bool) throws -> AttributeList {
    let node = try self[attention]
    try require(node.has("scale"), "the scale is not given")
    // With 3 axes, heads are not apart; one number does not change that.
    let tensor = try self[c]
    try require(tensor.rank <= 3, "the factor may raise the rank")
    let number = try attentionFactor(tensor)
    let scale = try Float(node.float("scale") * (isDivisor ? 1 / number : number))
    try require(scale.isNormal, "the scale vanishes or overflows")
    return node.attributes.setting("scale", to: AttributeLiteral(.float(scale)))
  }
}
