import PassPipeline
import Rewriting
import TensorCore

/// Leaves out an axis of size 1 that is inserted, moved, and removed again.
struct MergeSqueezedTranspose: RewriteRule {
  static let summary = "Squeeze(Transpose(Unsqueeze(x))) → Transpose(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inserted = Variadic("inserted"), removed = Variadic("removed")
    let unsqueeze = Capture("unsqueeze"), transpose = Capture("transpose"), squeeze = Capture("squeeze")

    Op.Squeeze(
      Op.Transpose(Op.Unsqueeze(x, inserted, as: unsqueeze), as: transpose), removed, as: squeeze
    ) => { m -> Term in
      let order = try m.unwrap(m[transpose].permutation(), "all axes are reversed")
      let new = try m.normalized(m[unsqueeze].ints("axes"), rank: order.count)
      let gone = try m.unwrap(m[squeeze].optionalInts("axes"), "the axes depend on the sizes")
      let old = try m.normalized(gone, rank: order.count).map { order[$0] }
      try m.require(new.sorted() == old.sorted(), "other axes are removed")
      let kept = order.filter { !new.contains($0) }
      let ranks = kept.map { axis in kept.count { $0 < axis } }
      if ranks == ranks.sorted() { return x.term }
      return Op.Transpose(x, attributes: ["perm": AttributeLiteral(ranks)])
    }
  }

  static let given = """
    float[N, 1, 3] x; const int64[1] zero = {0}; const int64[1] two = {2}; const int64[1] three = {3}; \
    const int64[1] last = {-1}
    """

  static let examples: [Example] = [
    .rewrites(
      "a = Unsqueeze(x, zero); b = Transpose<perm = [3, 1, 0, 2]>(a); y = Squeeze(b, two)",
      to: "y = Transpose<perm = [2, 0, 1]>(x)"),
    .rewrites(
      "a = Unsqueeze(x, zero); b = Transpose<perm = [1, 2, 3, 0]>(a); c = Squeeze(b, last); y = Relu(c)",
      to: "y = Relu(x)"),
    .keeps(
      "a = Unsqueeze(x, zero); b = Transpose<perm = [3, 1, 0, 2]>(a); y = Squeeze(b, three)",
      because: "another axis is removed"),
    .keeps(
      "a = Unsqueeze(x, zero); b = Transpose<perm = [3, 1, 0, 2]>(a); y = Squeeze(b)",
      because: "the axes depend on the sizes"),
  ]
}
