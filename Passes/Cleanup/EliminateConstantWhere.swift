import PassPipeline
import Rewriting

/// Replaces `Where` whose condition is always true, or always false, by the input that it takes.
///
/// The condition and the other input must not broadcast that input to another shape.
///
/// Rounding: bit for bit the same by the standard, but ONNX Runtime adds what it takes of either input to zeros,
/// which turns −0 into 0; without `Where`, −0 stays. NaN and infinities stay what they are.
struct EliminateConstantWhere: RewriteRule {
  static let summary = "Where(true, x, y) → x, Where(false, x, y) → y"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let condition = Constant("condition"), x = Var("x"), y = Var("y"), node = Capture("where")
    Op.Where(condition, x, y, as: node) => { m in
      let choice = try m.unwrap(m[condition].uniformValue, "the condition differs by element")
      let chosen = choice == 0 ? y : x
      try m.require(m.outputHasShape(of: chosen, node), "broadcasting may change the shape")
      return chosen
    }
  }

  static let given = """
    float[N, 4] a, b; float[4] v; const bool on = {1}; const bool[4] off = {0, 0, 0, 0}; \
    const bool[4] some = {1, 0, 1, 1}; bool[4] c
    """

  static let examples: [Example] = [
    .rewrites("h = Where(on, a, b); y = Relu(h)", to: "y = Relu(a)"),
    .rewrites("h = Where(off, v, b); y = Relu(h)", to: "y = Relu(b)"),
    .keeps("h = Where(some, a, b); y = Relu(h)", because: "the condition differs by element"),
    .keeps("h = Where(on, v, b); y = Relu(h)", because: "the other input gives the shape"),
    .keeps("h = Where(c, a, b); y = Relu(h)", because: "the condition is computed"),
  ]
}
