import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Lets `Attention` divide queries, keys and values [batch, length, heads · size] into heads, and put its results
/// together, where a `Reshape` and a `Transpose` each do it.
///
/// Legal where the reshapes keep batch and length and give known heads and sizes, and the transpositions exchange length
/// and heads. Parts that others read stay; it refuses where not fewer nodes would remain.
///
/// Rounding: none, as far as the runtime computes both forms alike.
struct FuseAttentionHeads: RewriteRule {
  static let summary =
    "Attention of [batch, heads, length, size] → Attention of [batch, length, heads · size]"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let q = Var("q"), k = Var("k"), v = Var("v"), rest = Variadic("rest"), target = Variadic("target")
    let attention = Capture("attention"), outer = Capture("outer")
    let parts = ["q", "k", "v"].map { Capture("\($0)-heads") }
    let divided = zip([q, k, v], parts).map { value, heads in
      Op.Transpose(
        Op.Reshape(value, Variadic("\(value.name)-shape"), as: heads), attributes: ["perm": [0, 2, 1, 3]])
    }
    let rewrite =
      Op.Reshape(
        Op.Transpose(
          Op.Attention(divided[0], divided[1], divided[2], rest, as: attention),
          attributes: ["perm": [0, 2, 1, 3]]), target, as: outer) => { m in
        let heads = try zip([q, k, v], parts).map { try m.heads(in: $1, of: $0) }
        try m.requireJoinedHeads(outer, of: attention)
        try m.require(heads[1] == heads[2], "keys and values have different heads")
        return try Op.Attention(
          q, k, v, rest,
          attributes: m[attention].attributes.setting("q_num_heads", to: AttributeLiteral(heads[0]))
            .setting("kv_num_heads", to: AttributeLiteral(heads[1])))
      }
    rewrite.shrinking
  }

  static let given = """
    float[B, S, 8] q; float[B, T, 8] k; float[B, T, 6] v; const int64[4] four = {0, 0, 2, 4}; const int64[4] three = {0, 0, 2, 3}; \
    const int64[3] back = {0, 0, 6}; const int64[2] flat = {0, -1}; const int64[4] turned = {0, 0, 4, 2}
    """

  static let examples: [Example] = [
    .rewrites(
      """
      q4 = Reshape(q, four); qt = Transpose<perm = [0, 2, 1, 3]>(q4); k4 = Reshape(k, four); \
      kt = Transpose<perm = [0, 2, 1, 3]>(k4); v4 = Reshape(v, three); vt = Transpose<perm = [0, 2, 1, 3]>(v4); \
      a = Attention<scale = 0.5>(qt, kt, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, back)
      """, to: "y = Attention<scale = 0.5, q_num_heads = 2, kv_num_heads = 2>(q, k, v)", opset: 23),
    .keeps(
      """
      q4 = Reshape(q, four); qt = Transpose<perm = [0, 2, 1, 3]>(q4); k4 = Reshape(k, four); \
      kt = Transpose<perm = [0, 2, 1, 3]>(k4); v4 = Reshape(v, three); vt = Transpose<perm = [0, 2, 1, 3]>(v4); \
      a = Attention<scale = 0.5>(qt, kt, vt); t = Transpose<perm = [0, 2, 1, 3]>(a); y = Reshape(t, flat)
      """, because: "the result loses the length's axis", opset: 23),
    .keeps(
      """
      q4 = Reshape(q, four); qt = Transpose<perm = [0, 2, 1, 3]>(q4); k4 = Reshape(k, four); \
      kt = Transpose<perm = [0, 2, 1, 3]>(k4); v4 = Reshape(v, three); vt = Transpose<perm = [0, 2, 1, 3]>(v4); \
      a = Attention<scale = 0.5>(qt, kt, vt); y = Reshape(a, back)
      """, because: "the heads are not put together", opset: 23, execution: .skipped),
  ]
}

extension Match {
  /// The heads that a reshape of [batch, length, heads · size] to [batch, length, heads, size] makes.
  fileprivate func heads(in reshape: Capture, of variable: Var) throws -> Int {
    let input = try shape(of: variable)
    let output = try unwrap(self[reshape].outputShape, "the shape is unknown")
    try require(
      input.rank == 3 && output.rank == 4 && (0..<2).allSatisfy { input[$0].isKnownEqual(to: output[$0]) },
      "a reshape does more than to divide the last axis")
    let heads = try unwrap(output[2].fixedSize, "the number of heads is unknown")
    try require(heads > 0 && output[3].fixedSize != nil, "the size of heads is unknown")
    return heads
  }

  fileprivate func requireJoinedHeads(_ reshape: Capture, of attention: Capture) throws {
    let parts = try unwrap(self[attention].outputShape, "the shape is unknown")
    let result = try unwrap(self[reshape].outputShape, "the shape is unknown")
    try require(
      parts.rank == 4 && result.rank == 3 && result[0].isKnownEqual(to: parts[0])
        && result[1].isKnownEqual(to: parts[2]) && result[2].isKnownEqual(to: parts[1] * parts[3]),
      "the result is not [batch, length, heads · size]")
  }
}
