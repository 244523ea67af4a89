import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `RotaryEmbedding`: the first half of each head turned against its second by angles m for each position,
/// `x · cos(a) + (−x₂ ‖ x₁) · sin(a)` with `a = m ‖ m`.
///
/// Angles that are the same for all of a batch are repeated for each of its examples, since runtimes do not broadcast
/// them. Where a `Reshape` and a `Transpose` divide x into heads, they follow the operator instead, for attention to
/// take in.
///
/// Legal from operator set 23 on for single and half precision where m is [batch or 1, length, size / 2], the angles get
/// an axis for the heads, and the halves are equal. Each use computes cosine and sine of half the angles; common
/// subexpressions merge them.
///
/// Rounding: the products are summed in another order. NaN and infinities reach the results that they reached.
struct FuseRotaryEmbedding: RewriteRule {
  static let summary = "x·Cos(m ‖ m) + (−x₂ ‖ x₁)·Sin(m ‖ m) → RotaryEmbedding(x, Cos(m), Sin(m))"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let terms = RotaryTerms()
    terms.sum => { m in
      try m.require(m.opset >= 23, "the operator set has no RotaryEmbedding")
      try m.requireHalfOrSingle(terms.x)
      let shapes = try m.rotationShapes(terms)
      let isOwn = shapes.angles[0].isKnownEqual(to: shapes.value[0])
      try m.require(isOwn || shapes.angles[0] == 1, "the batch may be another one")
      return try m.rotated(terms.x) { value, heads in
        let tables = try [Op.Cos(terms.angles), Op.Sin(terms.angles)].map { table in
          isOwn ? table : try m.repeated(table, forBatchOf: value)
        }
        return Op.RotaryEmbedding(value, tables[0], tables[1], attributes: heads)
      }
    }
  }

  static let given = """
    float[B, 2, S, 4] x; float16[B, 2, S, 4] h; float[B, S, 8] q; float[1, S, 2] m; float16[B, S, 2] mh; \
    float[B, S, 2] own, n; float[C, S, 2] foreign; const int64[1] one = {1}; const int64[1] two = {2}; \
    const int64[2] parts = {2, 2}; const int64[2] odd = {1, 3}; const float[4] signs = {-1, -1, 1, 1}; \
    const float[4] others = {-1, 1, -1, 1}; const int64[4] heads = {0, 0, 2, 4}
    """

  private static func angles(_ m: String, _ n: String? = nil) -> String {
    """
    a = Concat<axis = -1>(\(m), \(n ?? m)); c = Cos(a); s = Sin(a); cu = Unsqueeze(c, one); su = Unsqueeze(s, one);
    """
  }

  private static let rotation = """
    f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
    y = Add(f, g)
    """

  private static func repeated(_ value: String) -> String {
    """
    c = Cos(m); cb = Shape<end = 1, start = 0>(\(value)); ct = Concat<axis = 0>(cb, ones1); ce = Expand(c, ct); \
    s = Sin(m); sb = Shape<end = 1, start = 0>(\(value)); st = Concat<axis = 0>(sb, ones2); se = Expand(s, st);
    """
  }

  static let examples: [Example] = [
    .rewrites(
      angles("own") + rotation, to: "c = Cos(own); s = Sin(own); y = RotaryEmbedding(x, c, s)", opset: 23),
    .rewrites(angles("m") + rotation, to: repeated("x") + "y = RotaryEmbedding(x, ce, se)", opset: 23),
    .rewrites(
      angles("own") + """
        f = Mul(cu, x); l, r = Split<axis = -1>(x, parts); t = Concat<axis = 3>(r, l); e = Mul(signs, su); \
        g = Mul(e, t); y = Add(g, f)
        """, to: "c = Cos(own); s = Sin(own); y = RotaryEmbedding(x, c, s)", opset: 23),
    .rewrites(
      angles("mh") + """
        f = Mul(h, cu); l, r = Split<axis = 3>(h, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
        y = Add(f, g)
        """, to: "c = Cos(mh); s = Sin(mh); y = RotaryEmbedding(h, c, s)", opset: 23),
    .rewrites(
      angles("m") + """
        qr = Reshape(q, heads); x4 = Transpose<perm = [0, 2, 1, 3]>(qr); f = Mul(cu, x4); \
        l, r = Split<axis = -1>(x4, parts); i = Neg(r); t = Concat<axis = 3>(i, l); g = Mul(su, t); y = Add(g, f)
        """,
      to: repeated("q") + """
        r = RotaryEmbedding<num_heads = 2>(q, ce, se); rr = Reshape(r, heads); y = Transpose<perm = [0, 2, 1, 3]>(rr)
        """, opset: 23),
    .keeps(
      angles("own") + rotation, because: "RotaryEmbedding is not in the operator set that the model imports",
      opset: 22),
    .keeps(angles("own", "n") + rotation, because: "the halves have different angles", opset: 23),
    .keeps(
      angles("foreign") + rotation, because: "the batch may be another one, or broadcast", opset: 23,
      execution: .skipped),
    .keeps(
      angles("own") + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); i = Neg(l); t = Concat<axis = -1>(i, r); g = Mul(t, su); \
        y = Add(f, g)
        """, because: "the halves do not change places", opset: 23),
    .keeps(
      angles("own") + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); t = Concat<axis = -1>(r, l); g = Mul(t, su); y = Add(f, g)
        """, because: "nothing is negated", opset: 23),
    .keeps(
      angles("own") + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, parts); t = Concat<axis = -1>(r, l); e = Mul(su, others); \
        g = Mul(t, e); y = Add(f, g)
        """, because: "elements that alternate are negated", opset: 23),
    .keeps(
      angles("own") + """
        f = Mul(x, cu); l, r = Split<axis = 3>(x, odd); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
        y = Add(f, g)
        """, because: "the parts are not equal", opset: 23),
    .keeps(
      angles("own") + """
        f = Mul(x, su); l, r = Split<axis = 3>(x, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, cu); \
        y = Add(f, g)
        """, because: "sines and cosines change places", opset: 23),
    .keeps(
      """
      a = Concat<axis = -1>(own, own); c = Cos(a); s = Sin(a); cu = Unsqueeze(c, two); su = Unsqueeze(s, two); \
      f = Mul(w, cu); l, r = Split<axis = 3>(w, parts); i = Neg(r); t = Concat<axis = -1>(i, l); g = Mul(t, su); \
      y = Add(f, g)
      """, because: "the heads are the third axis",
      given: """
        float[B, S, 2, 4] w; float[B, S, 2] own; const int64[1] two = {2}; const int64[2] parts = {2, 2}
        """, opset: 23),
    .keeps(
      angles("own") + rotation, because: "few runtimes compute it in double precision",
      given: """
        double[B, 2, S, 4] x; double[B, S, 2] own; const int64[1] one = {1}; const int64[2] parts = {2, 2}
        """, opset: 23),
  ]
}

extension Match {
  /// A table [1, length, angles] once for each example of `value`.
  fileprivate func repeated(_ table: Term, forBatchOf value: ValueID) throws -> Term {
    let batch = Op.Shape(value, attributes: ["start": 0, "end": 1])
    return try Op.Expand(table, Op.Concat(batch, Tensor(int64: [1, 1]), attributes: ["axis": 0]))
  }
}
