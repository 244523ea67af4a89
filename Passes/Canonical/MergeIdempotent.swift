import PassPipeline
import Rewriting

/// Removes an operator that leaves the result of the one before it as it is:
///
/// 1. `Abs`, `Sign` after themselves;
/// 2. any of `Ceil`, `Floor`, `Round` after any of them: whole numbers, NaN, infinities and −0 stay what they are.
struct MergeIdempotent: RewriteRule {
  static let summary = "Abs(Abs(x)) → Abs(x), Ceil(Floor(x)) → Floor(x), …"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner")

    for op in [Op.Abs, Op.Sign] {
      op(op(x, as: inner)) => { m in try m[inner].output }
    }
    for outer in [Op.Ceil, Op.Floor, Op.Round] {
      for op in [Op.Ceil, Op.Floor, Op.Round] {
        outer(op(x, as: inner)) => { m in try m[inner].output }
      }
    }
  }

  static let given = "int32[2, 3] i; float[2, 3] x in -3...3"

  static let examples: [Example] = [
    .rewrites("h = Abs(i); y = Abs(h)", to: "y = Abs(i)"),
    .rewrites("h = Sign(x); y = Sign(h)", to: "y = Sign(x)"),
    .rewrites("h = Round(x); g = Ceil(h); y = Neg(g)", to: "h = Round(x); y = Neg(h)"),
    .keeps("h = Abs(x); y = Sign(h)", because: "the result differs"),
    .keeps("h = Neg(x); y = Neg(h)", because: "Neg undoes itself"),
    .keeps("h = Sqrt(x); y = Sqrt(h); float[2, 3] x in 0...1", because: "the result differs"),
  ]
}
