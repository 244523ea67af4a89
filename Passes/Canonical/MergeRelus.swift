import PassPipeline
import Rewriting

/// `Relu` is idempotent.
struct MergeRelus: RewriteRule {
  static let summary = "Relu(Relu(x)) → Relu(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Relu(Op.Relu(x)) => Op.Relu(x)
  }

  static let examples: [Example] = [
    .rewrites("h = Relu(x); y = Relu(h)", to: "y = Relu(x)"),
    .keeps("h = Relu(x); y = Sigmoid(h)"),
  ]
}
