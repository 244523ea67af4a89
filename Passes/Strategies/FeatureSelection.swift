import Candidates
import GraphIR
import TensorCore

/// Takes from linear models of the main graph the columns that others can stand for, and from the graph what makes
/// them: encoders, scalers, selections, joined tables.
///
/// Columns go in the parts in which they come (`NarrowedTable.parts`), all categories of an encoder together, in the
/// order of what is lost when the others make up for them by least squares (`ColumnElimination`). Coefficients and
/// intercepts are fitted to the scores of calibration rows, which keep their means.
///
/// `LinearClassifier` and `LinearRegressor` that alone read a table [N, columns] of up to 1024 columns. Coefficients of
/// scores are changed, never their number.
struct FeatureSelection: ScheduleGenerator {
  static let name = "feature-selection"
  static let summary = "take columns from linear models that others can stand for, and what makes them"
  static let stage = StrategyStage.narrowing

  private static let mostSamples = 4096

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    var tables = model.nodes(of: model.mainGraph).filter { !keeping.contains($0) }
      .compactMap { LinearTable($0, in: model) }
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard !tables.isEmpty, samples > 0 else { return nil }
    try activations.forEachBatch(of: tables.map(\.table), samples: samples) { tensors in
      for (index, tensor) in tensors.enumerated() where tables.indices.contains(index) {
        try tables[index].add(tensor)
      }
    }
    return ReductionSchedule(try tables.compactMap { try SelectableFeatures($0) }, in: model)
  }

  static let given = "float[N, 1] a, b"

  static let examples: [StrategyExample] = [
    .changes(
      "a column that others tell: a = c - b",
      """
      c = Add(a, b); t = Concat<axis = 1>(a, b, c); \
      y = ai.onnx.ml.LinearRegressor<coefficients = [1.0, 2.0, 1.0], intercepts = [0.5], targets = 1>(t)
      """,
      to: """
        c = Add(a, b); t = Concat<axis = 1>(b, c); \
        y = ai.onnx.ml.LinearRegressor<coefficients = [1.0, 2.0], intercepts = [0.5], targets = 1>(t)
        """, loss: .atMost(5e-8)),
    .keeps(
      "a table that others read",
      """
      t = Concat<axis = 1>(a, b); z = Neg(t); \
      y = ai.onnx.ml.LinearRegressor<coefficients = [1.0, 0.001], intercepts = [0.5], targets = 1>(t)
      """, because: "they need all of its columns"),
  ]
}
