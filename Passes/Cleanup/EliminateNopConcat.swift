import PassPipeline
import Rewriting

/// Removes `Concat` of a single input.
struct EliminateNopConcat: RewriteRule {
  static let summary = "Concat(x) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Concat(x) => x
  }

  static let given = "float[N, 4] x"

  static let examples: [Example] = [
    .rewrites("h = Concat<axis = 1>(x); y = Relu(h)", to: "y = Relu(x)"),
    .keeps("h = Concat<axis = 1>(x, x); y = Relu(h)", because: "there are two inputs"),
  ]
}
