import PassPipeline
import Rewriting
import TensorCore

/// Simplifies conditions:
///
/// 1. `x ∧ x`, `x ∨ x` are x; a condition joined twice is joined once;
/// 2. `¬a ∧ ¬b` is `¬(a ∨ b)`, and the other way round;
/// 3. the opposite of an order of integers is the other order (of floating-point numbers it is not: NaN).
struct MergeConditions: RewriteRule {
  static let summary = "x ∧ x → x, ¬a ∧ ¬b → ¬(a ∨ b), ¬(i < j) → i ≥ j"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let a = Var("a"), b = Var("b"), inner = Capture("inner")

    for (op, dual) in [(Op.And, Op.Or), (Op.Or, Op.And)] {
      op(a, a) => a
      op(op(a, b, as: inner).commuting, a).commuting => { m in try m[inner].output }
      (op(Op.Not(a), Op.Not(b)) => Op.Not(dual(a, b))).shrinking
    }
    for (order, opposite) in Self.orders {
      (Op.Not(order(a, b)) => { m in
        try m.require(m.elementType(of: a).isInteger, "NaN is in no order")
        return opposite(a, b)
      }).shrinking
    }
  }

  private static let orders: [(OperatorTerm, OperatorTerm)] = [
    (Op.Less, Op.GreaterOrEqual), (Op.Greater, Op.LessOrEqual), (Op.LessOrEqual, Op.Greater),
    (Op.GreaterOrEqual, Op.Less),
  ]

  static let given = "bool[N, 4] a, b; bool[4] row; int64[N, 4] i, j; float[N, 4] x, z"

  static let examples: [Example] = [
    .rewrites("h = And(a, a); y = Not(h)", to: "y = Not(a)"),
    .rewrites("h = Or(a, b); g = Or(b, h); y = Not(g)", to: "h = Or(a, b); y = Not(h)"),
    .rewrites("h = Not(a); g = Not(row); y = And(h, g)", to: "h = Or(a, row); y = Not(h)"),
    .rewrites("h = Less(i, j); y = Not(h)", to: "y = GreaterOrEqual(i, j)"),
    .keeps("h = Less(x, z); y = Not(h)", because: "NaN is in no order"),
    .keeps(
      "h = Less(i, j); y = Not(h); u = Not(y); w = And(h, u)", because: "others read the order",
      outputs: ["y", "w", "h"]),
    .keeps("h = And(a, b); y = Or(h, a)", because: "the operators differ"),
    .keeps("h = Xor(a, a); y = Not(h)", because: "that is false"),
  ]
}
