import PassPipeline
import Rewriting
import TensorCore

/// Casts directly, where the type between two casts holds every value that can come, though not every one of the
/// first type: sizes, indices, bounded constants and booleans as integers. Rounding such a number between the two
/// does nothing either.
///
/// Legal where the bounds of x are known by what computes it; sizes of axes count as below 2³¹.
struct MergeCastsByRange: RewriteRule {
  static let summary = "Cast(Cast(x)) → Cast(x), where no value of x is lost between"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner"), outer = Capture("outer")

    Op.Cast(Op.Cast(x, as: inner), as: outer) => { m in
      try m.requireWhole(x, in: m[inner].elementType("to"))
      let last = try m[outer].elementType("to")
      try m.require(last != .string, "the text depends on the type")
      return try Op.Cast(x, attributes: m[outer].attributes)
    }
    for round in [Op.Floor, Op.Ceil, Op.Round] {
      round(Op.Cast(x, as: inner), as: outer) => { m in
        try m.requireWhole(x, in: m[inner].elementType("to"))
        return try m[inner].output
      }
    }
  }

  static let given = "float[N, 4] x; int64[2] l; bool[2] b; int32[2] i; int16[3] h"

  static let examples: [Example] = [
    .rewrites(
      "s = Shape(x); a = Cast<to = 6>(s); y = Cast<to = 7>(a)", to: "s = Shape(x); y = Cast<to = 7>(s)"),
    .rewrites(
      "s = ArgMax(x); a = Cast<to = 6>(s); y = Cast<to = 1>(a)", to: "s = ArgMax(x); y = Cast<to = 1>(s)"),
    .rewrites(
      "a = Cast<to = 7>(h); e = Cast<to = 1>(a); y = Cast<to = 6>(e)",
      to: "y = Cast<to = 6>(h)"),
    .rewrites(
      "a = Cast<to = 1>(h); e = Floor(a); y = Neg(e)", to: "a = Cast<to = 1>(h); y = Neg(a)"),
    .keeps("a = Cast<to = 6>(l); y = Cast<to = 7>(a)", because: "numbers may not fit"),
    .keeps("s = Shape(x); a = Cast<to = 1>(s); y = Cast<to = 7>(a)", because: "float does not hold them all"),
    .keeps("a = Cast<to = 3>(i); y = Cast<to = 7>(a)", because: "numbers may not fit"),
    .keeps("a = Cast<to = 1>(i); e = Floor(a); y = Neg(e)", because: "float does not hold them all"),
  ]
}

extension Match {
  fileprivate func requireWhole(_ x: Var, in type: ElementType) throws {
    let range = try unwrap(integerRange(of: self[x]), "the bounds of \(x.name) are unknown")
    try require(type != .bool && type.holds(range), "\(type) does not hold all of \(range)")
  }
}
