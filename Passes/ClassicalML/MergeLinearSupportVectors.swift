import GraphIR
import PassPipeline
import Rewriting

/// Adds up the support vectors of linear kernels: Σ c·⟨x, v⟩ is ⟨x, Σ c·v⟩.
///
/// An `SVMRegressor` needs one vector; an `SVMClassifier` for each class as many as there are other classes, since a
/// vector counts differently against each of them. Classes that have no more than that keep theirs. Not where vectors
/// nearly cancel one another, as those of one-class machines over centred data do.
///
/// Rounding: the sums are rounded once. Where ⟨x, v⟩ is infinite or NaN, scores are not finite before as after, but NaN may
/// be infinite and the other way round.
struct MergeLinearSupportVectors: Pass {
  static let summary = "SVMRegressor(x), linear → with the sum of its vectors alone, also SVMClassifier"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.allNodes where Self.operators.contains(model.operatorName(of: node)) {
      guard let attributes = Self.attributes(of: node, in: model) else { continue }
      model.edit(as: Self.name) { $0.setAttributes(of: node, to: attributes) }
    }
  }

  private static let operators = ["SVMClassifier", "SVMRegressor"].map {
    OperatorName($0, domain: "ai.onnx.ml")
  }

  private static func attributes(of node: NodeID, in model: Model) -> [Attribute]? {
    guard let table = model.input(0, of: node), let shape = model.shape(of: table), shape.rank == 2,
      let columns = shape[1].fixedSize,
      let merged = SupportVectors(node, columns, in: model)?.merged
    else { return nil }
    return merged.reduce(model.attributes(of: node)) { $0.setting($1.name, to: $1.value) }
  }

  static let given = "float[N, 2] x; float[N, M] wide"

  private static func regressor(
    _ vectors: String, _ coefficients: String, count: Int, kernel: String = "LINEAR", of table: String = "x"
  ) -> String {
    """
    y = "ai.onnx.ml".SVMRegressor<kernel_type = "\(kernel)", kernel_params = [0.5, 0.25, 2.0], n_supports = \(count), \
    support_vectors = [\(vectors)], coefficients = [\(coefficients)], rho = [0.5]>(\(table))
    """
  }

  private static func classifier(
    _ vectors: String, _ coefficients: String, counts: String, labels: String, rho: String
  ) -> String {
    """
    l, y = "ai.onnx.ml".SVMClassifier<kernel_type = "LINEAR", kernel_params = [1.0, 0.0, 3.0], \
    vectors_per_class = [\(counts)], classlabels_ints = [\(labels)], support_vectors = [\(vectors)], \
    coefficients = [\(coefficients)], rho = [\(rho)]>(x)
    """
  }

  static let examples: [Example] = [
    .rewrites(
      regressor("1.0, 2.0, -1.0, 0.5, 2.0, 4.0", "2.0, 4.0, 0.5", count: 3),
      to: regressor("-1.0, 8.0", "1.0", count: 1)),
    .rewrites(
      classifier(
        "1.0, 2.0, -1.0, 0.5, 2.0, 4.0", "2.0, 4.0, -1.5", counts: "2, 1", labels: "3, 4", rho: "0.25"),
      to: classifier("-2.0, 6.0, 2.0, 4.0", "1.0, -1.5", counts: "1, 1", labels: "3, 4", rho: "0.25")),
    .rewrites(
      classifier(
        "1.0, 2.0, -1.0, 0.5, 2.0, 4.0, 0.5, 0.5, -2.0, 1.0",
        "2.0, 4.0, 0.5, -1.0, -2.0, 1.0, 2.0, 4.0, -3.0, -0.5", counts: "3, 1, 1", labels: "3, 4, 5",
        rho: "0.25, 0.5, -0.25"),
      to: classifier(
        "-1.0, 8.0, 7.0, 19.0, 0.5, 0.5, -2.0, 1.0", "1.0, 0.0, -1.0, -2.0, 0.0, 1.0, -3.0, -0.5",
        counts: "2, 1, 1", labels: "3, 4, 5", rho: "0.25, 0.5, -0.25")),
    .keeps(
      regressor("1.0, 2.0, -1.0, 0.5", "2.0, 4.0", count: 2, kernel: "RBF"),
      because: "distances do not add up"),
    .keeps(regressor("1.0, 2.0", "2.0", count: 1), because: "there is one vector"),
    .keeps(
      regressor("1.0, 2.0, 1.00001, 2.00001", "1.0, -1.0", count: 2), because: "the vectors cancel"),
    .keeps(
      classifier("1.0, 2.0, -1.0, 0.5", "2.0, -4.0", counts: "1, 1", labels: "3, 4", rho: "0.25"),
      because: "each class has one vector"),
    .keeps(
      regressor("1.0, 2.0, -1.0, 0.5", "2.0, 4.0", count: 2, of: "wide"), because: "the columns are unknown",
      execution: .skipped),
  ]
}
