import PassPipeline
import Rewriting
import TensorCore

/// Removes a `FeatureVectorizer` of one float32 table [N, columns] that takes all its columns.
struct EliminateNopFeatureVectorizer: RewriteRule {
  static let summary = "FeatureVectorizer(x) → x, where it takes all columns"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), vectorizer = Capture("vectorizer")
    Op.named("FeatureVectorizer", domain: "ai.onnx.ml")(x, as: vectorizer) => { m in
      let shape = try m.shape(of: x)
      try m.require(shape.rank == 2 && m.elementType(of: x) == .float32, "it converts")
      let widths = try m[vectorizer].ints("inputdimensions")
      try m.require(widths.map(Dimension.fixed) == [shape[1]], "not all columns are taken")
      return x
    }
  }

  static let given = "float[N, 3] x; float[3] vector; double[N, 3] z"

  private static func vectorized(_ input: String, _ width: Int) -> String {
    "h = \"ai.onnx.ml\".FeatureVectorizer<inputdimensions = [\(width)]>(\(input)); y = Neg(h)"
  }

  static let examples: [Example] = [
    .rewrites(vectorized("x", 3), to: "y = Neg(x)"),
    .keeps(vectorized("x", 2), because: "a column goes"),
    .keeps(vectorized("vector", 3), because: "a vector becomes a row"),
    .keeps(vectorized("z", 3), because: "doubles become floats"),
  ]
}
