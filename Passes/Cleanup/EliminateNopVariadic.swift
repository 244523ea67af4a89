import PassPipeline
import Rewriting

/// Removes element-wise operators over one input: a sum, mean, least or greatest of one is that one.
struct EliminateNopVariadic: RewriteRule {
  static let summary = "Sum(x), Mean(x), Max(x), Min(x) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Sum(x).or(Op.Mean(x)).or(Op.Max(x)).or(Op.Min(x)) => x
  }

  static let given = "float[N, 4] x"

  static let examples: [Example] = [
    .rewrites("h = Sum(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Mean(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Max(x); g = Min(h); y = Relu(g)", to: "y = Relu(x)"),
    .keeps("h = Sum(x, x); y = Relu(h)", because: "there are two inputs"),
    .keeps("h = Relu(x); g = Max(x, h); y = Sigmoid(g)", because: "there are two inputs"),
    .keeps("h = Relu(x); g = Mean(x, h); y = Sigmoid(g)", because: "there are two inputs"),
  ]
}
