import PassPipeline
import Rewriting

/// Removes `Identity`: readers of its output read its input.
///
/// It stays where a graph's output needs a node of its own: when its input is a graph's input, a constant, a
/// value of an outer graph, or an output already.
struct EliminateIdentity: RewriteRule {
  static let summary = "Identity(x) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Identity(x) => x
  }

  static let examples: [Example] = [
    .rewrites("h = Identity(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Relu(x); y = Identity(h)", to: "y = Relu(x)"),
    .keeps("y = Identity(x)", because: "a graph's output needs it"),
  ]
}
