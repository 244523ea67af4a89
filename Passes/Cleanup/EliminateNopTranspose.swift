import PassPipeline
import Rewriting

/// Removes `Transpose` that leaves the axes in order.
struct EliminateNopTranspose: RewriteRule {
  static let summary = "Transpose(x) → x, where no axis moves"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), transpose = Capture("transpose")
    Op.Transpose(x, as: transpose) => { m in
      if let permutation = try m[transpose].optionalInts("perm") {
        try m.require(permutation == Array(permutation.indices), "axes move")
      } else {
        try m.require(m.rank(of: x) <= 1, "axes are reversed")
      }
      return x
    }
  }

  static let given = "float[N, 4] x; float[N] v"

  static let examples: [Example] = [
    .rewrites("h = Transpose<perm = [0, 1]>(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Transpose(v); y = Relu(h)", to: "y = Relu(v)"),
    .keeps("h = Transpose<perm = [1, 0]>(x); y = Relu(h)", because: "axes move"),
    .keeps("h = Transpose(x); y = Relu(h)", because: "axes are reversed"),
  ]
}
