import GraphIR
import PassPipeline
import Rewriting

/// Removes an `Imputer` that finds nothing to replace: another one before it has replaced the same number in every
/// column by others.
struct EliminateNopImputer: RewriteRule {
  static let summary = "Imputer(Imputer(x)) → Imputer(x), for the same replaced number"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner"), outer = Capture("outer")
    let imputer = Op.named("Imputer", domain: "ai.onnx.ml")
    imputer(imputer(x, as: inner), as: outer) => { m in
      try m.require(m.elementType(of: x) == .float32, "the numbers are no float32")
      let replaced = try [inner, outer].map { Float(try m[$0].float("replaced_value_float")) }
      try m.require(replaced[0].isSame(as: replaced[1]), "another number is replaced")
      let values = try m[inner].floats("imputed_value_floats")
      try m.require(
        !values.isEmpty && !values.contains { $0.isSame(as: replaced[0]) },
        "the number is its own replacement")
      return try m[inner].output
    }
  }

  static let given = "float[N, 2] x"

  private static func twice(_ values: String, _ first: String, _ second: String) -> String {
    """
    h = "ai.onnx.ml".Imputer<imputed_value_floats = [\(values)], replaced_value_float = \(first)>(x); \
    k = "ai.onnx.ml".Imputer<imputed_value_floats = [7.0, 8.0], replaced_value_float = \(second)>(h); y = Neg(k)
    """
  }

  static let examples: [Example] = [
    .rewrites(
      twice("1.0, 2.0", "nan", "nan"),
      to: """
        h = "ai.onnx.ml".Imputer<imputed_value_floats = [1.0, 2.0], replaced_value_float = nan>(x); y = Neg(h)
        """, execution: .allowsNonFinite),
    .keeps(
      twice("1.0, 2.0", "nan", "1.0"), because: "another number is replaced", execution: .allowsNonFinite),
    .keeps(twice("1.0, nan", "nan", "nan"), because: "NaN is left", execution: .allowsNonFinite),
  ]
}

extension Float {
  /// Whether an imputer takes the two for one number: all NaNs are.
  fileprivate func isSame(as other: Float) -> Bool { self == other || (isNaN && other.isNaN) }
}
