import PassPipeline
import Rewriting

/// Removes `And`, `Or` and `Xor` with the constant that leaves the other input as it is.
struct EliminateLogicalIdentity: RewriteRule {
  static let summary = "x ∧ true, x ∨ false, x ⊻ false → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c")
    Op.And(x, c).commuting => { m in
      try m.requireNeutral(c, 1, for: x)
      return x
    }
    (Op.Or(x, c).commuting).or(Op.Xor(x, c).commuting) => { m in
      try m.requireNeutral(c, 0, for: x)
      return x
    }
  }

  static let given = """
    bool[N, 4] x; bool s; const bool on = {1}; const bool off = {0}; const bool[4] some = {1, 1, 0, 1}; \
    const bool[1] unit = {1}
    """

  static let examples: [Example] = [
    .rewrites("h = And(x, on); y = Not(h)", to: "y = Not(x)"),
    .rewrites("h = Or(off, x); y = Not(h)", to: "y = Not(x)"),
    .rewrites("h = Xor(x, off); y = Not(h)", to: "y = Not(x)"),
    .keeps("h = And(x, off); y = Not(h)", because: "the result is always false"),
    .keeps("h = And(x, some); y = Not(h)", because: "not all elements are true"),
    .keeps("h = And(s, unit); y = Not(h)", because: "an axis is added"),
    .keeps("h = Xor(x, on); y = Not(h)", because: "the result is the opposite"),
  ]
}
