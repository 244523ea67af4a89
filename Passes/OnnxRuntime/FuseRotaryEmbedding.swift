import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Recognizes rotary position embedding of the first half of each head against its second:
/// `x · cos(a) + (−x₂ ‖ x₁) · sin(a)` over [batch, heads, length, size], with angles `a = m ‖ m` for all of a batch.
///
/// Where a `Reshape` and a `Transpose` divide x into heads, they follow the operator instead, for attention to take in.
///
/// Legal for single precision where m is [1, length, size / 2], the angles get an axis for the heads, and the halves are
/// equal. Each use computes cosine and sine of half the angles; common subexpressions merge them.
///
/// Rounding: the products are summed in another order. NaN and infinities reach the results that they reached.
struct FuseRotaryEmbedding: RewriteRule {
  static let summary =
    "x·Cos(m ‖ m) + (−x₂ ‖ x₁)·Sin(m ‖ m) → com.microsoft.RotaryEmbedding(x, 0, Cos(m), Sin(m))"
  static let exactness = Exactness.rounding
  static let runtime: RuntimeName? = .onnxRuntime

  var body: [Rewrite] {
    let x = Var("x"), m = Var("m"), axes = Variadic("axes"), sizes = Variadic("sizes")
    let cosines = Capture("cosines"), sines = Capture("sines"), split = Capture("split")
    let joined = Capture("joined"), angles = Capture("angles")
    let angle = Op.Concat(m, m, as: angles)
    let second = Op.Split(x, sizes, as: split).output(1), first = Op.Split(x, sizes, as: split)
    let sine = Op.Unsqueeze(Op.Sin(angle), axes, as: sines), signs = Constant("signs")
    // The sign may have gone into the sines: see `MoveRotarySign`.
    let signed = Op.Mul(sine, signs).commuting
    let turned = Op.Mul(Op.Concat(Op.Neg(second), first, as: joined), sine).commuting
      .or(Op.Mul(Op.Concat(second, first, as: joined), signed).commuting)

    Op.Add(
      Op.Mul(x, Op.Unsqueeze(Op.Cos(angle), axes, as: cosines)).commuting,
      turned
    ).commuting => { match in
      try match.requireSingle(x)
      let shape = try match.shape(of: x), half = try match.shape(of: m)
      try match.require(
        shape.rank == 4 && half.rank == 3 && half[0] == 1, "the angles differ within the batch")
      let size = try match.unwrap(half[2].fixedSize, "the number of angles is unknown")
      try match.requireSigns(signs, half: size)
      try match.require(
        size > 0 && shape[3].isKnownEqual(to: half[2] + half[2]) && shape[2].isKnownEqual(to: half[1]),
        "there is no angle for each element")
      for axis in [(angles, 3), (joined, 4), (split, 4)] {
        let given = try match[axis.0].int("axis")
        try match.require(given == -1 || given == axis.1 - 1, "the halves are not of the last axis")
      }
      for node in [cosines, sines] {
        try match.require(match[node].ints("axes") == [1], "the angles get no axis for the heads")
      }
      try match.require(
        match[split].outputs.count == 2
          && match[split].outputs.allSatisfy {
            match.model.shape(of: $0)?.dimensions.last?.fixedSize == size
          }, "the halves are not equal")
      return try match.rotated(x, by: m)
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

extension Match {
  /// Refuses unless the constant, if there is one, negates the first half and nothing else.
  fileprivate func requireSigns(_ signs: Constant, half: Int) throws {
    guard let tensor = self[optional: signs] else { return }
    try require(half > 0 && half <= 4096 && tensor.elementCount == 2 * half, "the signs are others")
    let expected = [Double](repeating: -1, count: half) + [Double](repeating: 1, count: half)
    try require(tensor.doubles() == expected, "the signs are others")
  }
}

extension Match {
  fileprivate func rotated(_ x: Var, by angles: Var) throws -> Term {
    let position = try Tensor(int64: [0]), axis = try Tensor(int64: [0])
    let tables = [Op.Cos(angles), Op.Sin(angles)].map { Op.Squeeze($0, axis) }
    guard let parts = try dividedHeads(self[x]), !parts.isLengthFirst,
      let transpose = producer(of: try self[x]), let divided = transpose.inputs.first ?? nil,
      let reshape = producer(of: divided), let target = reshape.inputs.last ?? nil,
      let heads = model.shape(of: divided)?[2].fixedSize
    else { return Contrib.RotaryEmbedding(x, position, tables[0], tables[1]) }
    let rotated = Contrib.RotaryEmbedding(
      parts.source, position, tables[0], tables[1], attributes: ["num_heads": .init(heads)])
    return Op.Transpose(
      Op.Reshape(rotated, target, attributes: reshape.attributes), attributes: transpose.attributes)
  }
}
