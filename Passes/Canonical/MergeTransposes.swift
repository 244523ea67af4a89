import PassPipeline
import Rewriting

/// Composes permutations; two that undo each other are removed.
///
/// Axis i of the result is axis p₂[i] of the first result, which is axis p₁[p₂[i]] of x. Where both reverse all axes
/// (no `perm` is given), they undo each other.
struct MergeTransposes: RewriteRule {
  static let summary = "Transpose(Transpose(x, p₁), p₂) → Transpose(x, p₁∘p₂)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner"), outer = Capture("outer")

    Op.Transpose(Op.Transpose(x, as: inner), as: outer) => { m -> Term in
      let first = try m[inner].optionalInts("perm"), second = try m[outer].optionalInts("perm")
      guard let rank = first?.count ?? second?.count else { return x.term }
      let reversal = Array((0..<rank).reversed())
      let permutation = try m.composed(first ?? reversal, second ?? reversal)
      if permutation == Array(0..<rank) { return x.term }
      return Op.Transpose(x, attributes: ["perm": AttributeLiteral(permutation)])
    }
  }

  static let given = "float[2, 3, N] x"

  static let examples: [Example] = [
    .rewrites(
      "h = Transpose<perm = [1, 2, 0]>(x); y = Transpose<perm = [0, 2, 1]>(h)",
      to: "y = Transpose<perm = [1, 0, 2]>(x)"),
    .rewrites(
      "h = Transpose<perm = [1, 2, 0]>(x); g = Transpose<perm = [2, 0, 1]>(h); y = Relu(g)", to: "y = Relu(x)"
    ),
    .rewrites("h = Transpose(x); g = Transpose(h); y = Relu(g)", to: "y = Relu(x)"),
    .rewrites(
      "h = Transpose(x); y = Transpose<perm = [0, 2, 1]>(h)", to: "y = Transpose<perm = [2, 0, 1]>(x)"),
    .rewrites(
      "h = Transpose<perm = [1, 2, 0]>(x); y = Transpose<perm = [0, 2, 1]>(h); z = Relu(h)",
      to: "h = Transpose<perm = [1, 2, 0]>(x); y = Transpose<perm = [1, 0, 2]>(x); z = Relu(h)"),
    .keeps("h = Transpose(x); g = Relu(h); y = Transpose(g)", because: "another operator is between"),
    .keeps("y = Transpose<perm = [1, 0, 2]>(x)", because: "there is one"),
    .keeps("h = Transpose(x); y = Flatten(h)", because: "there is one"),
    .keeps(
      "h = Transpose<perm = [0, 0, 1]>(x); y = Transpose<perm = [1, 2, 0]>(h)", because: "the file is wrong",
      execution: .skipped),
    .keeps("h = Transpose(x); y = Shape(h)", because: "there is one"),
  ]
}

extension Match {
  fileprivate func composed(_ first: [Int], _ second: [Int]) throws -> [Int] {
    let axes = Array(first.indices)
    try require(first.sorted() == axes && second.sorted() == axes, "\(first) or \(second) is no permutation")
    return second.map { first[$0] }
  }
}
