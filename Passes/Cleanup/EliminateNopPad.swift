import PassPipeline
import Rewriting

/// Removes `Pad` by zero elements, whatever its mode.
struct EliminateNopPad: RewriteRule {
  static let summary = "Pad(x, 0, …) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), parameters = Variadic("parameters"), pad = Capture("pad")
    Op.Pad(x, parameters, as: pad) => { m in
      try m.require(m[pad].ints("pads").allSatisfy { $0 == 0 }, "elements are added or cut off")
      return x
    }
  }

  static let given = """
    float[N, 4] x; const int64[4] none = {0, 0, 0, 0}; const int64[4] one = {0, 0, 0, 1}; \
    const int64[4] cut = {0, -1, 0, 0}; const float zero = {0}; int64[4] p
    """

  static let examples: [Example] = [
    .rewrites("h = Pad(x, none); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Pad<mode = \"edge\">(x, none, zero); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Pad<pads = [0, 0, 0, 0]>(x); y = Relu(h)", to: "y = Relu(x)", opset: 10),
    .keeps("h = Pad(x, one); y = Relu(h)", because: "elements are added"),
    .keeps("h = Pad(x, cut); y = Relu(h)", because: "elements are cut off"),
    .keeps("h = Pad(x, p); y = Relu(h)", because: "the amounts are computed", execution: .skipped),
  ]
}
