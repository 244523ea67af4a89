import PassPipeline
import Rewriting

/// Removes a `Binarizer` of what is 0 or 1 already and stays so: one with a threshold from 0 up to 1 after another.
struct MergeBinarizers: RewriteRule {
  static let summary = "Binarizer(Binarizer(x)) → Binarizer(x), for 0 ≤ threshold < 1"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner"), outer = Capture("outer")
    let binarizer = Op.named("Binarizer", domain: "ai.onnx.ml")
    binarizer(binarizer(x, as: inner), as: outer) => { m in
      let threshold = try m[outer].float("threshold")
      try m.require(threshold >= 0 && threshold < 1, "0 and 1 do not stay what they are")
      return try m[inner].output
    }
  }

  static let given = "float[N, 3] x"

  private static func twice(_ first: Double, _ second: Double) -> String {
    """
    h = "ai.onnx.ml".Binarizer<threshold = \(first)>(x); k = "ai.onnx.ml".Binarizer<threshold = \(second)>(h); \
    y = Neg(k)
    """
  }

  static let examples: [Example] = [
    .rewrites(
      twice(0.25, 0.5), to: "h = \"ai.onnx.ml\".Binarizer<threshold = 0.25>(x); y = Neg(h)"),
    .keeps(twice(0.25, 1.0), because: "1 becomes 0"),
    .keeps(twice(0.25, -0.5), because: "0 becomes 1"),
  ]
}
