import PassPipeline
import Rewriting
import TensorCore

/// Removes `Squeeze` and `Unsqueeze` of the same axes after one another, in either order.
///
/// Both name axes of the tensor that has more of them, so that the same axes are the same positions.
struct MergeSqueezeUnsqueeze: RewriteRule {
  static let summary = "Squeeze(Unsqueeze(x, a), a) → x, Unsqueeze(Squeeze(x, a), a) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Squeeze(Op.Unsqueeze(x, first, as: inner), second, as: outer) => { m in
      let rank = try m.rank(of: m[x]).map { try $0 + m[inner].ints("axes").count }
      try m.requireSameAxes(inner, outer, rank: rank)
      return x
    }
    Op.Unsqueeze(Op.Squeeze(x, first, as: inner), second, as: outer) => { m in
      try m.requireSameAxes(inner, outer, rank: m.rank(of: m[x]))
      return x
    }
  }

  static let given = """
    float[N, 1, 3] x; const int64[1] one = {1}; const int64[1] second = {-2}; const int64[1] zero = {0}; \
    const int64[2] both = {0, 1}; const int64[2] turned = {1, 0}; float[] unknown
    """

  static let examples: [Example] = [
    .rewrites("h = Unsqueeze(x, both); g = Squeeze(h, turned); y = Relu(g)", to: "y = Relu(x)"),
    .rewrites("h = Squeeze(x, one); g = Unsqueeze(h, second); y = Relu(g)", to: "y = Relu(x)"),
    .rewrites(
      "h = Squeeze<axes = [1]>(x); g = Unsqueeze<axes = [1]>(h); y = Relu(g)", to: "y = Relu(x)", opset: 11),
    .keeps("h = Squeeze(x, one); y = Unsqueeze(h, zero)", because: "the axes differ"),
    .keeps("h = Squeeze(x); y = Unsqueeze(h, one)", because: "the inner axes depend on the sizes"),
    .keeps(
      "h = Squeeze(unknown, one); y = Unsqueeze(h, second)", because: "the rank is unknown",
      execution: .skipped),
    .keeps("h = Squeeze(x, one); g = Relu(h); y = Unsqueeze(g, one)", because: "another operator is between"),
  ]
}

extension Match {
  fileprivate func requireSameAxes(_ a: Capture, _ b: Capture, rank: Int?) throws {
    let first = try unwrap(self[a].optionalInts("axes"), "the axes depend on the sizes")
    let second = try unwrap(self[b].optionalInts("axes"), "the axes depend on the sizes")
    if first.sorted() == second.sorted(), Set(first).count == first.count { return }
    let same = try normalized(first, rank: rank).sorted() == normalized(second, rank: rank).sorted()
    try require(same, "the axes differ")
  }
}
