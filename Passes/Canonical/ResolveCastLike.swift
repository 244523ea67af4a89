import GraphIR
import PassPipeline
import Rewriting

/// Names the type that `CastLike` takes from a value, of which nothing else is needed; so a constant that is cast
/// can be folded.
struct ResolveCastLike: RewriteRule {
  static let summary = "CastLike(x, y) → Cast(x), to y's type"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y"), cast = Capture("cast")
    Op.CastLike(x, y, as: cast) => { m in
      let type = try m.elementType(of: y)
      return try Op.Cast(
        x, attributes: m[cast].attributes.setting("to", to: AttributeLiteral(Int(type.rawValue))))
    }
  }

  static let given = "float[N, 2] x; float16[N] h; const int64[1] c = {3}"

  static let examples: [Example] = [
    .rewrites("y = CastLike(x, h)", to: "y = Cast<to = 10>(x)"),
    .rewrites("t = CastLike(c, x); y = Mul(x, t)", to: "t = Cast<to = 1>(c); y = Mul(x, t)"),
    .keeps("y = Cast<to = 10>(x)", because: "the type is named"),
    .keeps(
      "t = Cast<to = 10>(c); y = Mul(h, t)", because: "a constant that is cast is folded by another pass"),
  ]
}
