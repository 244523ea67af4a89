import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Folds the scaling of a table's columns into the support vectors that its rows are compared with. With y = f·x + s:
///
/// - LINEAR: ⟨y, v⟩ is ⟨x, f·v⟩ + ⟨s, v⟩, and the second goes into the constants of the scores.
/// - POLY and SIGMOID: the same without s, which would give each vector a constant of its own.
/// - RBF: γ·‖y − v‖² is γ·f²·‖x − (v − s)/f‖², where f is the same for all columns and not 0.
///
/// Legal for `Scaler`, `Add`, `Sub`, `Mul` and `Div` with constants on float32 tables [N, columns] that nothing but an
/// `SVMClassifier` or `SVMRegressor` with support vectors reads, where all new numbers are finite and no column is shifted
/// by more than 32 (see `FoldScalingIntoLinear`). Not where linear vectors nearly cancel one another, as those of
/// one-class machines over centred data do.
///
/// Rounding: vectors, γ and constants are rounded once. NaN and infinities reach the scores that they reached, except that
/// 0 · ∞ is NaN where the one or the other number is 0. Numbers that overflow only when they are scaled no longer do, and
/// the other way round.
struct FoldScalingIntoSupportVectors: Pass {
  static let summary = "SVMRegressor(Scaler(x)) → SVMRegressor′(x), also SVMClassifier, Add, Sub, Mul and Div"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    let machines = model.allNodes.filter { Self.operators.contains(model.operatorName(of: $0)) }
    model.foldScalings(into: machines, as: Self.name, attributes: Self.attributes)
  }

  private static let operators = ["SVMClassifier", "SVMRegressor"].map {
    OperatorName($0, domain: "ai.onnx.ml")
  }

  private static func attributes(
    of node: NodeID, reading scaling: ColumnScaling, in model: Model
  ) -> [Attribute]? {
    guard let columns = scaling.width, let vectors = SupportVectors(node, columns, in: model),
      let lines = scaling.gentleLines(columns: columns), let scaled = vectors.reading(lines)
    else { return nil }
    let attributes = model.attributes(of: node)
      .setting("support_vectors", to: .floats(scaled.vectors))
      .setting("rho", to: .floats(scaled.constants))
    return scaled.parameters.isEmpty
      ? attributes : attributes.setting("kernel_params", to: .floats(scaled.parameters))
  }

  static let given = """
    float[N, 2] x; const float[2] c = {2, 4}; const float[2] d = {0.5, -1}; double[N, 2] exact; float[N, M] wide
    """

  private static let scaler = "h = \"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 2.0]>(x); "
  private static let even = "h = \"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 0.5]>(x); "

  private static func regressor(
    _ input: String, _ kernel: String, gamma: String = "0.5", vectors: String = "1.0, 2.0, -1.0, 0.5",
    rho: String = "0.5"
  ) -> String {
    """
    y = "ai.onnx.ml".SVMRegressor<kernel_type = "\(kernel)", kernel_params = [\(gamma), 0.25, 2.0], n_supports = 2, \
    support_vectors = [\(vectors)], coefficients = [2.0, 4.0], rho = [\(rho)]>(\(input))
    """
  }

  private static func classifier(
    _ input: String, _ kernel: String, gamma: String, vectors: String, rho: String, and more: String = ""
  ) -> String {
    """
    l, y = "ai.onnx.ml".SVMClassifier<kernel_type = "\(kernel)", kernel_params = [\(gamma), 0.0, 3.0], \
    vectors_per_class = [1, 1, 1], classlabels_ints = [4, 5, 6], support_vectors = [\(vectors)], \(more)\
    coefficients = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], rho = [\(rho)]>(\(input))
    """
  }

  private static let probabilities = "prob_a = [-0.5, -0.25, -1.0], prob_b = [0.5, 0.0, -0.5], "

  static let examples: [Example] = [
    .rewrites(
      scaler + regressor("h", "LINEAR"),
      to: regressor("x", "LINEAR", vectors: "0.5, 4.0, -0.5, 1.0", rho: "-35.0")),
    .rewrites(
      even + regressor("h", "RBF"), to: regressor("x", "RBF", gamma: "0.125", vectors: "2.5, 7.0, -1.5, 4.0")),
    .rewrites(
      "h = Mul(x, c); " + regressor("h", "POLY"), to: regressor("x", "POLY", vectors: "2.0, 8.0, -2.0, 2.0")),
    .rewrites(
      "h = Div(x, c); " + regressor("h", "SIGMOID"),
      to: regressor("x", "SIGMOID", vectors: "0.5, 0.5, -0.5, 0.125")),
    .rewrites(
      "h = Mul(x, 2.0); k = Add(h, d); " + regressor("k", "RBF"),
      to: regressor("x", "RBF", gamma: "2.0", vectors: "0.25, 1.5, -0.75, 0.75")),
    .rewrites(
      scaler
        + classifier(
          "h", "LINEAR", gamma: "1.0", vectors: "1.0, 2.0, -1.0, 0.5, 2.0, 1.0", rho: "0.5, 1.0, 2.0"),
      to: classifier(
        "x", "LINEAR", gamma: "1.0", vectors: "0.5, 4.0, -0.5, 1.0, 1.0, 2.0", rho: "-17.25, -67.5, -50.75")),
    .rewrites(
      even
        + classifier(
          "h", "RBF", gamma: "0.5", vectors: "1.0, 2.0, -1.0, 0.5, 2.0, 1.0", rho: "0.5, 1.0, 2.0",
          and: probabilities),
      to: classifier(
        "x", "RBF", gamma: "0.125", vectors: "2.5, 7.0, -1.5, 4.0, 4.5, 5.0", rho: "0.5, 1.0, 2.0",
        and: probabilities)),
    .keeps(scaler + regressor("h", "RBF"), because: "distances would be stretched along one column"),
    .keeps(
      "h = Mul(x, 0.0); " + regressor("h", "RBF"), because: "no vector has a distance that does not change"),
    .keeps(scaler + regressor("h", "POLY"), because: "each vector would have a constant of its own"),
    .keeps(scaler + regressor("h", "SIGMOID"), because: "each vector would have a constant of its own"),
    .keeps(
      "h = \"ai.onnx.ml\".Scaler<offset = [1000.0, 0.0], scale = [1.0, 1.0]>(x); " + regressor("h", "RBF"),
      because: "numbers around 1000 would cancel"),
    .keeps(
      scaler + regressor("h", "LINEAR", vectors: "1.0, 2.0, -0.50001, -1.00001"),
      because: "the vectors cancel"),
    .keeps(scaler + "z = Neg(h); " + regressor("h", "LINEAR"), because: "the table is read twice"),
    .keeps(
      "h = \"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 2.0]>(exact); "
        + regressor("h", "LINEAR"),
      because: "doubles are scaled as such"),
    .keeps(
      "h = Mul(wide, 2.0); " + regressor("h", "LINEAR"), because: "the columns are unknown",
      execution: .skipped),
    .keeps(
      scaler + """
        y = "ai.onnx.ml".SVMRegressor<kernel_type = "LINEAR", kernel_params = [0.0, 0.0, 0.0], coefficients = [2.0, 4.0], rho = [0.5]>(h)
        """, because: "there are no support vectors"),
    .keeps(
      scaler
        + classifier(
          "h", "LINEAR", gamma: "1.0", vectors: "1.0, 2.0, -1.0, 0.5", rho: "0.5, 1.0, 2.0"),
      because: "a class has a vector that is not there", execution: .skipped),
  ]
}
