import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Quantizing what was dequantized with the same parameters gives back every integer.
///
/// Legal for integers of 8 and 16 bits and scales in single precision that are constant, normal and at most 2^100: the
/// quotient then differs from the integer by less than 1/100 and is rounded to it. Zero points have to be the same
/// value or equal constants, and axes and blocks the same.
struct EliminateQuantizePair: RewriteRule {
  static let summary = "QuantizeLinear(DequantizeLinear(x, s, z), s, z) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), scale = Constant("scale"), zero = Var("zero")
    let constant = Constant("constant-zero"), inner = Capture("inner"), outer = Capture("outer")

    for point in [Term.absent, constant.term, zero.term] {
      Op.QuantizeLinear(Op.DequantizeLinear(x, scale, point, as: inner), scale, point, as: outer) => { m in
        let type = try m.elementType(of: x)
        try m.require([.int8, .uint8, .int16, .uint16].contains(type), "\(type) has too many values")
        try m.require(m.model.elementType(of: m[outer].output) == type, "the integers have another type")
        let scales = try m[scale]
        try m.require(
          scales.elementType == .float32
            && scales.doubles().allSatisfy { Float($0).isNormal && $0 > 0 && $0 <= 0x1p100 },
          "a scale may lose digits")
        for name in ["axis", "block_size"] {
          try m.require(
            m[inner].optionalInt(name) == m[outer].optionalInt(name), "the parameters are of other axes")
        }
        return x
      }
    }
  }

  static let given = """
    uint8[N, 4] x; const float s = 0.1; const float other = 0.2; const uint8 z = 128; const float[4] row in 0.1...2; \
    const uint8[4] zeros; const float tiny = 1.0e-40; float t; int8[N, 4] i; const int8 j = 3; uint8 computed
    """

  static let examples: [Example] = [
    .rewrites(
      "h = DequantizeLinear(x, s, z); q = QuantizeLinear(h, s, z); y = DequantizeLinear(q, other, z)",
      to: "y = DequantizeLinear(x, other, z)"),
    .rewrites(
      """
      h = DequantizeLinear<axis = 1>(x, row, zeros); q = QuantizeLinear<axis = 1>(h, row, zeros); \
      y = DequantizeLinear(q, s, z)
      """, to: "y = DequantizeLinear(x, s, z)"),
    .rewrites(
      "h = DequantizeLinear(x, s, computed); q = QuantizeLinear(h, s, computed); y = DequantizeLinear(q, s, z)",
      to: "y = DequantizeLinear(x, s, z)"),
    .keeps(
      "h = DequantizeLinear(x, s, z); q = QuantizeLinear(h, other, z); y = DequantizeLinear(q, s, z)",
      because: "the scales differ"),
    .keeps(
      "h = DequantizeLinear(i, s, j); q = QuantizeLinear(h, s, z); y = DequantizeLinear(q, s, z)",
      because: "the integers have another type"),
    .keeps(
      "h = DequantizeLinear(x, s, z); q = QuantizeLinear(h, s); y = DequantizeLinear(q, s)",
      because: "the zero points differ"),
    .keeps(
      "h = DequantizeLinear(x, tiny, z); q = QuantizeLinear(h, tiny, z); y = DequantizeLinear(q, s, z)",
      because: "a scale may lose digits"),
    .keeps(
      "h = DequantizeLinear(x, t, z); q = QuantizeLinear(h, t, z); y = DequantizeLinear(q, s, z)",
      because: "the scale is computed, and may be 0", execution: .skipped),
  ]
}
