import PassPipeline
import Rewriting
import TensorCore

/// Takes the place of the greatest score for the label, where labels are 0, 1, 2, … anyway: converters look every
/// predicted place up in the list of labels, as a row of a table, and make a vector of int64 of it.
///
/// Legal where the table of scores [N, classes] has as many columns as there are labels.
struct FuseLabelLookup: RewriteRule {
  static let summary =
    "Cast(Reshape(ArrayFeatureExtractor({0, 1, …}, ArgMax(x)), {-1})) → ArgMax(x, keepdims = 0)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), labels = Constant("labels"), shape = Constant("shape")
    let greatest = Capture("greatest"), cast = Capture("cast")
    let lookup = Op.named("ArrayFeatureExtractor", domain: "ai.onnx.ml")(labels, Op.ArgMax(x, as: greatest))

    for vector in [
      Op.Cast(Op.Reshape(lookup, shape), as: cast), Op.Reshape(Op.Cast(lookup, as: cast), shape),
    ] {
      (vector => { m in
        try m.require(m[cast].elementType("to") == .int64, "the label is no int64")
        try m.require(m[shape].integers() == [-1], "the result is no vector")
        let scores = try m.shape(of: x)
        let names = try m[labels].integers()
        try m.require(names == Array(names.indices) && m[labels].rank == 1, "the labels are not 0, 1, 2, …")
        try m.require(scores.rank == 2 && scores[1] == .fixed(names.count), "scores and labels do not fit")
        try m.require([1, -1].contains(m[greatest].int("axis")), "the greatest of each column is looked up")
        return try Op.ArgMax(x, attributes: m[greatest].attributes.setting("keepdims", to: 0))
      }).shrinking
    }
  }

  static let given = """
    float[3, 3] x; const int32[3] iota = {0, 1, 2}; const int64[3] names = {4, 5, 6}; \
    const int64[1] flat = {-1}; const int64[2] row = {1, -1}
    """

  private static func lookup(_ labels: String, _ scores: String = "x", axis: Int = 1) -> String {
    "i = ArgMax<axis = \(axis)>(\(scores)); k = \"ai.onnx.ml\".ArrayFeatureExtractor(\(labels), i); "
  }

  static let examples: [Example] = [
    .rewrites(
      lookup("iota") + "v = Reshape(k, flat); y = Cast<to = 7>(v)",
      to: "y = ArgMax<axis = 1, keepdims = 0>(x)"),
    .rewrites(
      lookup("iota", axis: -1) + "v = Cast<to = 7>(k); y = Reshape(v, flat)",
      to: "y = ArgMax<axis = -1, keepdims = 0>(x)"),
    .keeps(lookup("names") + "v = Reshape(k, flat); y = Cast<to = 7>(v)", because: "labels have other names"),
    .keeps(lookup("iota") + "v = Reshape(k, flat); y = Cast<to = 1>(v)", because: "the label is no int64"),
    .keeps(lookup("iota") + "v = Reshape(k, row); y = Cast<to = 7>(v)", because: "the result is no vector"),
    .keeps(
      lookup("iota", axis: 0) + "v = Reshape(k, flat); y = Cast<to = 7>(v)", because: "rows are looked up"),
  ]
}
