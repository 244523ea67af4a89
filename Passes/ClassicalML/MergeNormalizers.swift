import PassPipeline
import Rewriting

/// Normalizes rows directly, where they were divided by a positive norm before: a `Normalizer` of L1 or L2 after another.
/// The greatest element may be negative and turn signs.
///
/// Legal on float32 where nothing else reads the rows between.
///
/// Rounding: a row is divided once. Rows of zeros stay; squares that overflow or vanish before the first division, or
/// only after it, no longer do, and the other way round.
struct MergeNormalizers: RewriteRule {
  static let summary = "Normalizer(Normalizer(x)) → Normalizer(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner").exclusive, outer = Capture("outer")
    let normalizer = Op.named("Normalizer", domain: "ai.onnx.ml")
    normalizer(normalizer(x, as: inner), as: outer) => { m in
      let norms = try [inner, outer].map { try m[$0].string("norm") }
      try m.require(norms.allSatisfy { $0 != "MAX" }, "the greatest element may be negative")
      try m.require(m.elementType(of: x) == .float32, "it converts to float32")
      return try normalizer(x, attributes: m[outer].attributes)
    }
  }

  static let given = "float[N, 3] x; double[N, 3] exact"

  private static func normalizer(_ norm: String, _ input: String) -> String {
    "\"ai.onnx.ml\".Normalizer<norm = \"\(norm)\">(\(input))"
  }

  static let examples: [Example] = [
    .rewrites(
      "h = \(normalizer("L2", "x")); y = \(normalizer("L2", "h"))", to: "y = \(normalizer("L2", "x"))"),
    .rewrites(
      "h = \(normalizer("L1", "x")); y = \(normalizer("L2", "h"))", to: "y = \(normalizer("L2", "x"))"),
    .keeps("h = \(normalizer("MAX", "x")); y = \(normalizer("L1", "h"))", because: "signs may have turned"),
    .keeps(
      "h = \(normalizer("L1", "exact")); y = \(normalizer("L1", "h"))", because: "doubles become floats"),
    .keeps(
      "h = \(normalizer("L1", "x")); y = \(normalizer("L1", "h")); z = Neg(h)",
      because: "the rows are read twice"),
  ]
}
