import PassPipeline
import Rewriting

/// Removes `Split` into a single part.
struct EliminateNopSplit: RewriteRule {
  static let summary = "Split(x) → x, where there is one part"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), sizes = Variadic("sizes"), split = Capture("split")
    Op.Split(x, sizes, as: split) => { m in
      try m.require(m[split].outputs.count == 1, "there are several parts")
      return x
    }
  }

  static let given = "float[N, 4] x; const int64[1] four = {4}; const int64[2] halves = {2, 2}"

  static let examples: [Example] = [
    .rewrites("h = Split<axis = 1>(x, four); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Split<axis = 1, num_outputs = 1>(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Split<axis = 1, split = [4]>(x); y = Relu(h)", to: "y = Relu(x)", opset: 11),
    .keeps("a, b = Split<axis = 1>(x, halves); y = Add(a, b)", because: "there are several parts"),
    .keeps("a, b = Split<axis = 1, num_outputs = 2>(x); y = Relu(a)", because: "there are several parts"),
    .keeps("a, b = Split<axis = 1>(x); y = Sub(a, b)", because: "there are several parts", opset: 11),
  ]
}
