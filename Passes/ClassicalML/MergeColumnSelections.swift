import PassPipeline
import Rewriting
import TensorCore

/// Chooses columns of a table [N, columns] with one `ArrayFeatureExtractor`, or none:
///
/// 1. all columns in their order are the table;
/// 2. columns of chosen columns are columns of the table.
struct MergeColumnSelections: RewriteRule {
  static let summary =
    "ArrayFeatureExtractor(ArrayFeatureExtractor(x, i), j) → ArrayFeatureExtractor(x, i[j])"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), i = Constant("i"), j = Constant("j")
    let inner = Capture("inner"), outer = Capture("outer")
    let extractor = Op.named("ArrayFeatureExtractor", domain: "ai.onnx.ml")

    extractor(extractor(x, i, as: inner), j, as: outer) => { m in
      let selections = try [inner, outer].map {
        try m.unwrap(ColumnSelection(at: m[$0].node, in: m.model), "the columns are unknown")
      }
      let columns = selections[1].columns.compactMap { place in
        selections[0].columns.indices.contains(place) ? selections[0].columns[place] : nil
      }
      try m.require(columns.count == selections[1].columns.count, "a column is not there")
      return try extractor(x, Tensor(int64: columns))
    }
    extractor(x, i, as: outer) => { m in
      let selection = try m.unwrap(ColumnSelection(at: m[outer].node, in: m.model), "the columns are unknown")
      try m.require(
        selection.columns.elementsEqual(0..<selection.width), "not all columns are chosen in order")
      return x
    }
  }

  static let given = """
    float[N, 3] x; const int64[3] all = {0, 1, 2}; const int64[1, 2] some = {2, 0}; const int64[2] swap = {1, 0}; \
    float[N, M] wide; const int64[1] first = {0}; float[1] vector
    """

  private static func columns(_ name: String, _ input: String, _ places: String) -> String {
    "\(name) = \"ai.onnx.ml\".ArrayFeatureExtractor(\(input), \(places)); "
  }

  static let examples: [Example] = [
    .rewrites(columns("h", "x", "all") + "y = Neg(h)", to: "y = Neg(x)"),
    .rewrites(columns("h", "x", "some") + columns("y", "h", "swap"), to: columns("y", "x", "{0, 2}")),
    .keeps(columns("y", "x", "some"), because: "a column goes"),
    .keeps(columns("h", "wide", "first") + "y = Neg(h)", because: "there may be more columns"),
    .keeps(columns("h", "vector", "first") + "y = Neg(h)", because: "a vector becomes a row"),
  ]
}
