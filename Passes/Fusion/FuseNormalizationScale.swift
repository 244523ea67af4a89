import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Folds a constant factor of a normalization's result into its scale and bias: `s′ = c·s`, `b′ = c·b`, with `1 / c`
/// for a quotient.
///
/// `LayerNormalization` and `RMSNormalization` have a scale for each element of the axes that they normalize,
/// `BatchNormalization` (in inference) and `InstanceNormalization` one for each channel. Legal where c has no more
/// than that, every folded number is finite, and nothing else reads the normalization.
///
/// Rounding: one rounding less. A product that overflows only before scaling no longer does, and the other way
/// round; NaN and infinities reach the results that they reached.
struct FuseNormalizationScale: RewriteRule {
  static let summary = "Mul(LayerNormalization(x, s, b), c) → LayerNormalization(x, c·s, c·b)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), scale = Constant("scale"), bias = Constant("bias"), c = Constant("c")
    let mean = Constant("mean"), variance = Constant("variance")
    let norm = Capture("norm").exclusive, outer = Capture("outer")

    for (op, inputs) in [
      (Op.LayerNormalization, [x.term, scale.term, bias.optional.term]),
      (Op.RMSNormalization, [x.term, scale.term]),
      (Op.InstanceNormalization, [x.term, scale.term, bias.term]),
      (Op.BatchNormalization, [x.term, scale.term, bias.term, mean.term, variance.term]),
    ] {
      let inner = op.applied(to: inputs, as: norm)
      for product in [Op.Mul(inner, c, as: outer).commuting, Op.Div(inner, c, as: outer)] {
        product => { m in
          let isQuotient = try m[outer].op.name == "Div"
          let factor = try m.parameter(c, of: norm, like: m[scale]).map { isQuotient ? 1 / $0 : $0 }
          var terms = try [x.term, (m[scale] * factor).finite(as: m[scale].elementType).term]
          if let bias = m[optional: bias] {
            terms.append(try (bias * factor).finite(as: bias.elementType).term)
          }
          return try op.applied(to: terms + inputs.dropFirst(3), attributes: m[norm].attributes)
        }
      }
    }
  }

  static let given = """
    float[N, 3, 4] x; const float[4] s, b, c; const float[1, 1, 4] deep; const float[2, 1, 1, 4] raise; const float two = 2.0; \
    const float[3] ch; const float[3] d; const float[3, 1] column; const float[3] v in 1...2; const float zero = 0.0
    """

  static let examples: [Example] = [
    .rewrites("h = LayerNormalization(x, s, b); y = Mul(h, c)", to: "y = LayerNormalization(x, s_1, b_1)"),
    .rewrites("h = LayerNormalization(x, s); y = Mul(deep, h)", to: "y = LayerNormalization(x, s_1)"),
    .rewrites("h = LayerNormalization(x, s, b); y = Div(h, two)", to: "y = LayerNormalization(x, s_1, b_1)"),
    .rewrites("h = RMSNormalization(x, s); y = Mul(h, c)", to: "y = RMSNormalization(x, s_1)", opset: 23),
    .rewrites(
      "h = InstanceNormalization(x, ch, d); y = Mul(h, column)", to: "y = InstanceNormalization(x, s_1, b_1)"),
    .rewrites(
      "h = BatchNormalization(x, ch, d, d, v); y = Mul(h, two)",
      to: "y = BatchNormalization(x, s_1, b_1, d, v)"),
    .keeps("h = LayerNormalization(x, s, b); y = Mul(h, column)", because: "c differs along another axis"),
    .keeps("h = LayerNormalization(x, s, b); y = Mul(h, raise)", because: "c makes the result larger"),
    .keeps(
      "h = LayerNormalization(x, s, b); y = Div(h, zero)", because: "1 / 0 is not finite",
      execution: .allowsNonFinite),
    .keeps("h = LayerNormalization(x, s, b); y = Div(two, h)", because: "the normalization is the divisor"),
    .keeps("h = LayerNormalization(x, s, b); y = Mul(h, c); z = Neg(h)", because: "the result is read twice"),
    .keeps(
      "h, m = LayerNormalization(x, s, b); y = Mul(h, c); z = Neg(m)", because: "the mean is read as well"),
    .keeps("h = InstanceNormalization(x, ch, d); y = Mul(h, c)", because: "c differs within a channel"),
    .keeps(
      "h, m, w = BatchNormalization<training_mode = 1>(x, ch, d, d, v); y = Mul(h, two)",
      because: "the statistics are results as well", outputs: ["y", "m", "w"]),
  ]
}
