import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Folds a constant that is added to a normalization's result into its bias, subtracted ones included.
///
/// `LayerNormalization` has a bias for each element of the axes that it normalizes, `BatchNormalization` (in
/// inference) and `InstanceNormalization` one for each channel. Legal where c has no more than that, the sum is
/// finite, and nothing else reads the normalization.
///
/// Rounding: the constants' sum is rounded once. A sum that overflows only before c is added no longer does, and the
/// other way round; NaN and infinities reach the results that they reached.
struct FuseNormalizationBias: RewriteRule {
  static let summary = "Add(LayerNormalization(x, s, b), c) → LayerNormalization(x, s, b + c)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), scale = Constant("scale"), bias = Constant("bias"), c = Constant("c")
    let mean = Constant("mean"), variance = Constant("variance")
    let norm = Capture("norm").exclusive, outer = Capture("outer")

    for (op, inputs) in [
      (Op.LayerNormalization, [x.term, scale.term, bias.optional.term]),
      (Op.InstanceNormalization, [x.term, scale.term, bias.term]),
      (Op.BatchNormalization, [x.term, scale.term, bias.term, mean.term, variance.term]),
    ] {
      let inner = op.applied(to: inputs, as: norm)
      for sum in [Op.Add(inner, c, as: outer).commuting, Op.Sub(inner, c, as: outer)] {
        sum => { m in
          let isDifference = try m[outer].op.name == "Sub"
          let summand = try m.parameter(c, of: norm, like: m[scale]).map { isDifference ? -$0 : $0 }
          let old = try m[optional: bias] ?? Tensor.zeros(like: m[scale])
          let new = try (old + summand).finite(as: old.elementType)
          return try op.applied(
            to: [x.term, scale.term, new.term] + inputs.dropFirst(3), attributes: m[norm].attributes)
        }
      }
    }
  }

  static let given = """
    float[N, 3, 4] x; const float[4] s, b, c; const float[2, 1, 1, 4] raise; const float two = 2.0; const float[3] ch; \
    const float[3] d; const float[3, 1] column; const float[3] v in 1...2; float[4] e
    """

  static let examples: [Example] = [
    .rewrites("h = LayerNormalization(x, s, b); y = Add(h, c)", to: "y = LayerNormalization(x, s, b_1)"),
    .rewrites("h = LayerNormalization(x, s); y = Add(two, h)", to: "y = LayerNormalization(x, s, b_1)"),
    .rewrites("h = LayerNormalization(x, s, b); y = Sub(h, c)", to: "y = LayerNormalization(x, s, b_1)"),
    .rewrites(
      "h = InstanceNormalization(x, ch, d); y = Add(h, column)", to: "y = InstanceNormalization(x, ch, b_1)"),
    .rewrites(
      "h = BatchNormalization(x, ch, d, d, v); y = Add(h, column)",
      to: "y = BatchNormalization(x, ch, b_1, d, v)"),
    .keeps("h = LayerNormalization(x, s, b); y = Add(h, column)", because: "c differs along another axis"),
    .keeps("h = LayerNormalization(x, s, b); y = Add(h, raise)", because: "c makes the result larger"),
    .keeps("h = LayerNormalization(x, s, b); y = Add(h, e)", because: "c is computed"),
    .keeps("h = LayerNormalization(x, s, b); y = Sub(c, h)", because: "the normalization is subtracted"),
    .keeps("h = LayerNormalization(x, s, b); y = Add(h, c); z = Neg(h)", because: "the result is read twice"),
    .keeps("h = RMSNormalization(x, s); y = Add(h, c)", because: "there is no bias", opset: 23),
  ]
}
