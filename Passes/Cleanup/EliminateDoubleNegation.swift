import PassPipeline
import Rewriting

/// Removes two negations in a row. The least integer, whose negation is itself, comes out as it went in, too.
struct EliminateDoubleNegation: RewriteRule {
  static let summary = "Not(Not(x)), Neg(Neg(x)) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Not(Op.Not(x)).or(Op.Neg(Op.Neg(x))) => x
  }

  static let given = "float[N, 4] x; bool[N, 4] b"

  static let examples: [Example] = [
    .rewrites("h = Neg(x); g = Neg(h); y = Relu(g)", to: "y = Relu(x)"),
    .rewrites("h = Not(b); g = Not(h); y = And(b, g)", to: "y = And(b, b)"),
    .keeps("h = Neg(x); y = Relu(h)", because: "there is one negation"),
    .keeps("h = Neg(x); g = Relu(h); y = Neg(g)", because: "something lies between"),
  ]
}
