import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `RotaryTerms` in operator sets that lack `RotaryEmbedding`, with the same angles for all of a batch.
///
/// Where a `Reshape` and a `Transpose` divide x into heads, they follow the operator instead, for attention to take in.
///
/// Legal for single precision before operator set 23, where m is [1, length, size / 2]; from there on
/// `FuseRotaryEmbedding` stands for it. Each use computes cosine and sine of half the angles; common subexpressions merge them.
///
/// Rounding: the products are summed in another order. NaN and infinities reach the results that they reached.
struct FuseContribRotaryEmbedding: RewriteRule {
  static let summary =
    "x·Cos(m ‖ m) + (−x₂ ‖ x₁)·Sin(m ‖ m) → com.microsoft.RotaryEmbedding(x, 0, Cos(m), Sin(m))"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let terms = RotaryTerms()
    terms.sum => { m in
      try m.require(m.opset < 23, "the operator set has RotaryEmbedding")
      try m.requireSingle(terms.x)
      try m.require(m.rotationShapes(terms).angles[0] == 1, "the angles differ within the batch")
      let position = try Tensor(int64: [0]), axis = try Tensor(int64: [0])
      let tables = [Op.Cos(terms.angles), Op.Sin(terms.angles)].map { Op.Squeeze($0, axis) }
      return try m.rotated(terms.x) { value, heads in
        Contrib.RotaryEmbedding(value, position, tables[0], tables[1], attributes: heads)
      }
    }
  }

  static let given = """
    float[B, 2, S, 4] x; float[B, S, 8] q; float[1, S, 2] m, n; float[B, S, 2] own; const int64[1] one = {1}; \
    const int64[2] parts = {2, 2}; const int64[2] odd = {1, 3}; const float[4] signs = {-1, -1, 1, 1}; const int64[4] heads = {0, 0, 2, 4}
    """

  private static let angles = """
    a = Concat<axis = -1>(m, m); c = Cos(a); s = Sin(a); cu = Unsqueeze(c, one); su = Unsqueeze(s, one);
    """

  static let examples: [Example] = [
    .rewrites(
      angles + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
        y = Add(f, g)
        """,
      to: """
        c = Cos(m); cs = Squeeze(c, first); s = Sin(m); ss = Squeeze(s, axis); \
        y = com.microsoft.RotaryEmbedding(x, zero, cs, ss)
        """),
    .rewrites(
      angles + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); t = Concat<axis = -1>(r, l); e = Mul(su, signs); \
        g = Mul(t, e); \
        y = Add(f, g)
        """,
      to: """
        c = Cos(m); cs = Squeeze(c, first); s = Sin(m); ss = Squeeze(s, axis); \
        y = com.microsoft.RotaryEmbedding(x, zero, cs, ss)
        """),
    .rewrites(
      angles + """
        qr = Reshape(q, heads); x4 = Transpose<perm = [0, 2, 1, 3]>(qr); f = Mul(cu, x4); \
        l, r = Split<axis = -1>(x4, parts); i = Neg(r); t = Concat<axis = 3>(i, l); g = Mul(su, t); y = Add(g, f)
        """,
      to: """
        c = Cos(m); cs = Squeeze(c, first); s = Sin(m); ss = Squeeze(s, axis); \
        r = com.microsoft.RotaryEmbedding<num_heads = 2>(q, zero, cs, ss); rr = Reshape(r, heads); \
        y = Transpose<perm = [0, 2, 1, 3]>(rr)
        """),
    .keeps(
      angles + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
        y = Add(f, g)
        """, because: "the operator set has RotaryEmbedding", opset: 23),
    .keeps(
      """
      a = Concat<axis = -1>(m, n); c = Cos(a); s = Sin(a); cu = Unsqueeze(c, one); su = Unsqueeze(s, one); \
      f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
      y = Add(f, g)
      """, because: "the halves have different angles"),
    .keeps(
      """
      a = Concat<axis = -1>(own, own); c = Cos(a); s = Sin(a); cu = Unsqueeze(c, one); su = Unsqueeze(s, one); \
      f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
      y = Add(f, g)
      """, because: "each example of a batch has its own angles"),
    .keeps(
      angles + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(l); t = Concat<axis = -1>(i, r); g = Mul(t, su); \
        y = Add(f, g)
        """, because: "the halves do not change places"),
    .keeps(
      angles + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, odd); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
        y = Add(f, g)
        """, because: "the parts are not equal"),
  ]
}
