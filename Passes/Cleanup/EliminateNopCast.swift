import GraphIR
import PassPipeline
import Rewriting

/// Removes `Cast` and `CastLike` to the type that the input has already.
struct EliminateNopCast: RewriteRule {
  static let summary = "Cast(x) → x, where x has the type already"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), like = Var("like"), cast = Capture("cast")
    Op.Cast(x, as: cast) => { m in
      let target = try m[cast].elementType("to")
      try m.require(m.elementType(of: x) == target, "the input has another type")
      return x
    }
    Op.CastLike(x, like) => { m in
      try m.require(m.elementType(of: x) == m.elementType(of: like), "the input has another type")
      return x
    }
  }

  static let given = "float[N, 4] x; float16[N] s; int64[N, 4] i"

  static let examples: [Example] = [
    .rewrites("h = Cast<to = 1>(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites(
      "a = Cast<to = 7>(i); b = Cast<to = 1>(a); y = Relu(b)", to: "b = Cast<to = 1>(i); y = Relu(b)"),
    .rewrites("h = Relu(x); a = CastLike(x, h); y = Add(a, h)", to: "h = Relu(x); y = Add(x, h)"),
    .keeps("h = Cast<to = 11>(x); y = Neg(h)", because: "the input has another type"),
    .keeps("h = CastLike(x, s); y = Neg(h)", because: "the input has another type"),
    .keeps("y = Cast<to = 1>(i)", because: "the input has another type"),
  ]
}
