import PassPipeline
import Rewriting
import TensorCore

/// Removes at once the axes that two `Squeeze` remove one after the other.
///
/// 1. Where both name axes, those of the second are counted among the axes that the first leaves.
/// 2. Where the second names none, it removes every axis of size 1, whatever the first removed before.
struct MergeSqueezes: RewriteRule {
  static let summary = "Squeeze(Squeeze(x, a), b) → Squeeze(x, a ∪ b)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Squeeze(Op.Squeeze(x, first, as: inner), second, as: outer) => { m -> Term in
      guard let later = try m[outer].optionalInts("axes") else { return Op.Squeeze(x) }
      let earlier = try m.unwrap(m[inner].optionalInts("axes"), "the inner axes depend on the sizes")
      let rank = try m.rank(of: m[x])
      let removed = try m.normalized(earlier, rank: rank)
      let next = try m.normalized(later, rank: rank.map { $0 - removed.count })
      let all = removed + next.map { axis in removed.sorted().reduce(axis) { $1 <= $0 ? $0 + 1 : $0 } }
      return try Op.Squeeze(x, Tensor(int64: all.sorted()))
    }
  }

  static let given = """
    float[1, N, 1, 3, 1] x; const int64[1] zero = {0}; const int64[1] one = {1}; const int64[1] last = {-1}; \
    int64[1] v; float[] unknown
    """

  static let examples: [Example] = [
    .rewrites("h = Squeeze(x, zero); y = Squeeze(h, one)", to: "y = Squeeze(x, {0, 2})"),
    .rewrites(
      "h = Squeeze(x, last); g = Squeeze(h, zero); y = Squeeze(g, one)", to: "y = Squeeze(x, {0, 2, 4})"),
    .rewrites(
      "h = Squeeze<axes = [0]>(x); y = Squeeze<axes = [1, 3]>(h)", to: "y = Squeeze<axes = [0, 2, 4]>(x)",
      opset: 11),
    .rewrites("h = Squeeze(x, last); y = Squeeze(h)", to: "y = Squeeze(x)"),
    .keeps(
      "h = Squeeze(x); y = Squeeze(h, zero)", because: "the inner axes depend on the sizes",
      execution: .skipped),
    .keeps("h = Squeeze(x, v); y = Squeeze(h, zero)", because: "axes are computed", execution: .skipped),
    .keeps(
      "h = Squeeze(unknown, last); y = Squeeze(h, zero)", because: "the rank is unknown", execution: .skipped),
    .keeps("h = Squeeze(x, zero); g = Relu(h); y = Squeeze(g, one)", because: "another operator is between"),
  ]
}
