import GraphIR
import PassPipeline
import Rewriting

/// Removes the L1 normalization of probabilities that sum to 1: those of a `Softmax` along the second axis, or of a
/// `LinearClassifier` for more than two classes that ends with SOFTMAX. Converters of logistic regression write one
/// after each.
///
/// Rounding: the division by a sum of 1, up to its last digits, goes. A row with NaN is NaN throughout on both sides.
struct EliminateNopNormalizer: RewriteRule {
  static let summary = "Normalizer(Softmax(x)) → Softmax(x), also of a LinearClassifier's probabilities"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), source = Capture("source")
    let normalizer = Op.named("Normalizer", domain: "ai.onnx.ml")
    let classifier = Op.named("LinearClassifier", domain: "ai.onnx.ml")

    normalizer(classifier(x, as: source).output(1), attributes: ["norm": "L1"]) => { m in
      let node = try m[source]
      try m.require(node.string("post_transform") == "SOFTMAX", "scores do not sum to 1")
      let labels = ["classlabels_ints", "classlabels_strings"].compactMap {
        m.model.attribute($0, of: node.node)
      }
      try m.require(labels.contains { $0.listedCount > 2 }, "one score may stand for two classes")
      return node.outputs[1]
    }
    normalizer(Op.Softmax(x, as: source), attributes: ["norm": "L1"]) => { m in
      let node = try m[source]
      let isAlongRows = try [1, -1].contains(node.int("axis"))
      try m.require(isAlongRows && m.rank(of: x) == 2, "probabilities sum along another axis")
      try m.require(m.elementType(of: x) == .float32, "it converts to float32")
      return node.output
    }
  }

  static let given = "float[N, 2] x; float[N, 3] s; double[N, 3] z; float[N, 3, 2] deep"

  private static let normalized = "y = \"ai.onnx.ml\".Normalizer<norm = \"L1\">(h)"
  private static func classifier(_ transform: String, into scores: String) -> String {
    """
    l, \(scores) = "ai.onnx.ml".LinearClassifier<coefficients = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], \
    intercepts = [1.0, 2.0, 3.0], classlabels_ints = [4, 5, 6], post_transform = "\(transform)">(x)
    """
  }

  static let examples: [Example] = [
    .rewrites(classifier("SOFTMAX", into: "h") + "; " + normalized, to: classifier("SOFTMAX", into: "y")),
    .rewrites("h = Softmax<axis = 1>(s); " + normalized, to: "y = Softmax<axis = 1>(s)"),
    .keeps(classifier("LOGISTIC", into: "h") + "; " + normalized, because: "the scores do not sum to 1"),
    .keeps("h = Softmax<axis = 0>(s); " + normalized, because: "columns sum to 1"),
    .keeps(
      "h = Softmax<axis = 1>(s); y = \"ai.onnx.ml\".Normalizer<norm = \"L2\">(h)",
      because: "the squares do not sum to 1"),
    .keeps("h = Softmax<axis = 1>(z); " + normalized, because: "doubles become floats"),
  ]
}

extension AttributeValue {
  fileprivate var listedCount: Int {
    switch self {
    case .ints(let list): list.count
    case .strings(let list): list.count
    default: 0
    }
  }
}
