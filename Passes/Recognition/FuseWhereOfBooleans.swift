import PassPipeline
import Rewriting
import TensorCore

/// Takes a choice between the constants 1 and 0 for the condition itself, and comparisons of a number that was a
/// condition for the condition:
///
/// 1. `Where(c, 1, 0)` is `Cast(c)`, `Where(c, true, false)` is c, `Where(c, false, true)` is `Not(c)`;
/// 2. `Cast(c) = 1`, `Cast(c) > 0` are c, `Cast(c) = 0`, `Cast(c) < 1` are `Not(c)`.
///
/// Legal where the constants do not make the result larger.
struct FuseWhereOfBooleans: RewriteRule {
  static let summary = "Where(c, 1, 0) → Cast(c), Equal(Cast(c), 0) → Not(c)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let c = Var("c"), a = Constant("a"), b = Constant("b")
    let cast = Capture("cast"), node = Capture("node")

    Op.Where(c, a, b, as: node) => { m -> Term in
      let type = try m[a].elementType
      try m.requireShape(c, node)
      let choice = try [m[a], m[b]].map { $0.uniformValue?.bitPattern }
      if choice == Self.oneAndZero {
        if type == .bool { return c.term }
        let number = AttributeLiteral(Int(type.rawValue))
        return Op.Cast(c, attributes: ["to": number])
      }
      try m.require(
        type == .bool && choice == Self.oneAndZero.reversed(), "the constants are not 1 and 0")
      return Op.Not(c)
    }
    for (op, isCommuting, number, isSame) in Self.comparisons {
      let comparison = op(Op.Cast(c, as: cast), a, as: node)
      (isCommuting ? comparison.commuting : comparison) => { m -> Term in
        try m.require(m.elementType(of: c) == .bool, "\(c.name) is no condition")
        try m.require(m[a].uniformValue == number, "the constant is not \(number)")
        try m.requireShape(c, node)
        return isSame ? c.term : Op.Not(c)
      }
    }
  }

  private static let oneAndZero: [UInt64?] = [(1.0).bitPattern, (0.0).bitPattern]

  private static let comparisons: [(op: OperatorTerm, isCommuting: Bool, number: Double, isSame: Bool)] = [
    (Op.Equal, true, 1, true), (Op.Equal, true, 0, false), (Op.Greater, false, 0, true),
    (Op.GreaterOrEqual, false, 1, true), (Op.Less, false, 1, false), (Op.LessOrEqual, false, 0, false),
  ]

  static let given = """
    bool[N, 4] c; const float one = 1.0; const float zero = 0.0; const float[2, 1, 1] ones = 1.0; \
    const bool on = {1}; const bool off = {0}; const int64 two = 2; const int64 none = 0; float[N, 4] x; \
    const float minus = {-0.0}
    """

  static let examples: [Example] = [
    .rewrites("y = Where(c, one, zero)", to: "y = Cast<to = 1>(c)"),
    .rewrites("h = Where(c, on, off); y = Not(h)", to: "y = Not(c)", execution: .skipped),
    .rewrites("y = Where(c, off, on)", to: "y = Not(c)", execution: .skipped),
    .rewrites("h = Cast<to = 1>(c); y = Equal(zero, h)", to: "y = Not(c)"),
    .rewrites("h = Cast<to = 7>(c); g = Greater(h, none); y = And(g, c)", to: "y = And(c, c)"),
    .keeps("y = Where(c, zero, one)", because: "it takes two operators"),
    .keeps("y = Where(c, one, minus)", because: "one is −0"),
    .keeps("y = Where(c, ones, zero)", because: "the constant makes the result larger"),
    .keeps("h = Cast<to = 7>(c); y = Equal(h, two)", because: "it is always false"),
    .keeps("h = Cast<to = 7>(x); y = Equal(h, none)", because: "x is no condition"),
  ]
}

extension Match {
  fileprivate func requireShape(_ c: Var, _ node: Capture) throws {
    try require(outputHasShape(of: c, node), "a constant makes the result larger")
  }
}
