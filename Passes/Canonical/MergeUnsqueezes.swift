import PassPipeline
import Rewriting
import TensorCore

/// Inserts at once the axes that two `Unsqueeze` insert one after the other.
///
/// The axes of the first are moved to where the second leaves them: axis k becomes the k-th axis that the second
/// does not insert.
struct MergeUnsqueezes: RewriteRule {
  static let summary = "Unsqueeze(Unsqueeze(x, a), b) → Unsqueeze(x, a ∪ b)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Unsqueeze(Op.Unsqueeze(x, first, as: inner), second, as: outer) => { m in
      let earlier = try m[inner].ints("axes"), later = try m[outer].ints("axes")
      let rank = try m.rank(of: m[x]).map { $0 + earlier.count }
      let old = try m.normalized(earlier, rank: rank)
      let new = try m.normalized(later, rank: rank.map { $0 + later.count })
      let moved = old.map { axis in new.sorted().reduce(axis) { $1 <= $0 ? $0 + 1 : $0 } }
      return try Op.Unsqueeze(x, Tensor(int64: (moved + new).sorted()))
    }
  }

  static let given = """
    float[N, 3] x; const int64[1] zero = {0}; const int64[1] one = {1}; const int64[1] last = {-1}; \
    const int64[2] ends = {-1, 0}; int64[1] v; float[] unknown
    """

  static let examples: [Example] = [
    .rewrites("h = Unsqueeze(x, one); y = Unsqueeze(h, one)", to: "y = Unsqueeze(x, {1, 2})"),
    .rewrites("h = Unsqueeze(x, zero); y = Unsqueeze(h, ends)", to: "y = Unsqueeze(x, {0, 1, 4})"),
    .rewrites(
      "h = Unsqueeze<axes = [2]>(x); y = Unsqueeze<axes = [0]>(h)", to: "y = Unsqueeze<axes = [0, 3]>(x)",
      opset: 11),
    .keeps("h = Unsqueeze(x, v); y = Unsqueeze(h, one)", because: "axes are computed", execution: .skipped),
    .keeps(
      "h = Unsqueeze(unknown, last); y = Unsqueeze(h, one)", because: "the rank is unknown",
      execution: .skipped),
    .keeps(
      "h = Unsqueeze(x, one); g = Relu(h); y = Unsqueeze(g, one)", because: "another operator is between"),
  ]
}
