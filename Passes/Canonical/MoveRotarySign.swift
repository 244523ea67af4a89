import PassPipeline
import Rewriting
import TensorCore

/// Takes the negation of rotary position embeddings into the sines, which all heads and layers share:
/// `(−b ‖ a) · s` is `(b ‖ a) · (s · (−1 ‖ 1))`, and the second product is computed once.
///
/// Legal where two values of known sizes are put together along the last axis, and `s` is constant, or read by several
/// nodes and known to broadcast.
///
/// Bit for bit: a product with −1 changes the sign and nothing else; of a NaN only that it is one.
struct MoveRotarySign: RewriteRule {
  static let summary = "Mul(Concat(Neg(b), a), s) → Mul(Concat(b, a), Mul(s, {−1, …, 1, …}))"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let a = Var("a"), b = Var("b"), s = Var("s")
    let negation = Capture("negation").exclusive, concat = Capture("concat").exclusive

    Op.Mul(Op.Concat(Op.Neg(b, as: negation), a, as: concat), s).commuting => { m in
      let shape = try m.shape(of: b), scale = try m.shape(of: s)
      try m.require(m.elementType(of: b).isFloatingPoint, "the numbers are no floating point")
      try m.require(
        shape.rank > 0 && shape.normalizedAxis(m[concat].int("axis")) == shape.rank - 1,
        "the axis is not the last")
      let negative = try m.unwrap(shape[shape.rank - 1].fixedSize, "a size is unknown")
      let positive = try m.unwrap(m.shape(of: a).dimensions.last?.fixedSize, "a size is unknown")
      let size = try m.sum(negative, positive)
      try m.require(
        negative > 0 && positive > 0 && size <= 4096 && scale.dimensions.last == .fixed(size),
        "the factor has other sizes")
      let value = try m[s]
      try m.require(
        m.model.constant(value) != nil || (!m.model.hasOneUse(value) && scale.dimensions.contains(.fixed(1))),
        "nothing shares the factor")
      let signs = [Double](repeating: -1, count: negative) + [Double](repeating: 1, count: positive)
      let factor = try Op.Mul(s, Tensor(m.elementType(of: b), rounding: signs, [size]))
      return try Op.Mul(Op.Concat(b, a, attributes: m[concat].attributes), factor)
    }
  }

  static let given = """
    float[N, 4, S, 3] a, b; float[1, 1, S, 6] s; const float[6] c; float[N, 4, S, 6] own; float[N, 4, S, 6] x
    """

  static let examples: [Example] = [
    .rewrites(
      "n = Neg(b); r = Concat<axis = -1>(n, a); y = Mul(r, s); z = Relu(s)",
      to: "r = Concat<axis = -1>(b, a); f = Mul(s, signs); y = Mul(r, f); z = Relu(s)"),
    .rewrites(
      "n = Neg(b); r = Concat<axis = -1>(n, a); y = Mul(c, r)",
      to: "r = Concat<axis = -1>(b, a); f = Mul(c, signs); y = Mul(r, f)"),
    .keeps("n = Neg(b); r = Concat<axis = -1>(n, a); y = Mul(r, s)", because: "nothing shares the factor"),
    .keeps(
      "n = Neg(b); r = Concat<axis = 1>(n, a); y = Mul(r, c)", because: "it is another axis",
      given: "float[N, 4, S, 6] a, b; const float[6] c"),
    .keeps("n = Neg(b); r = Concat<axis = -1>(n, a); y = Mul(r, c); z = Relu(r)", because: "others read it"),
    .keeps("r = Concat<axis = -1>(b, a); y = Mul(r, c)", because: "nothing is negated"),
  ]
}
