import PassPipeline
import Rewriting

/// Removes `Tile` that repeats every axis once.
struct EliminateNopTile: RewriteRule {
  static let summary = "Tile(x, 1) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), repeats = Constant("repeats")
    Op.Tile(x, repeats) => { m in
      try m.require(m[repeats].integers().allSatisfy { $0 == 1 }, "an axis is repeated")
      return x
    }
  }

  static let given = "float[N, 4] x; const int64[2] once = {1, 1}; const int64[2] twice = {1, 2}; int64[2] r"

  static let examples: [Example] = [
    .rewrites("h = Tile(x, once); y = Relu(h)", to: "y = Relu(x)"),
    .keeps("h = Tile(x, twice); y = Relu(h)", because: "an axis is repeated"),
  ]
}
