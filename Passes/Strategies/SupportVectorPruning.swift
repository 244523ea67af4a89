import Candidates
import GraphIR
import LinearAlgebra
import TensorCore

/// Drops support vectors of machines of the main graph that others can stand for.
///
/// A score is linear in what the kernel gives for its vectors. They go in the order of what is lost when the others make
/// up for them by least squares on calibration rows (`UnitElimination`), each from all scores that it counts for at once;
/// coefficients and constants are fitted anew, and keep the scores' means.
///
/// `SVMClassifier` and `SVMRegressor` with up to 2048 vectors, of any kernel. Each class keeps a vector.
struct SupportVectorPruning: ScheduleGenerator {
  static let name = "support-vector-pruning"
  static let summary = "drop support vectors that others can stand for, by least squares on scores"
  static let stage = StrategyStage.narrowing

  private static let mostSamples = 4096

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    var machines = model.nodes(of: model.mainGraph).filter { !keeping.contains($0) }
      .compactMap { ObservedVectors($0, in: model) }
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard !machines.isEmpty, samples > 0 else { return nil }
    try activations.forEachBatch(of: machines.map(\.table), samples: samples) { tensors in
      for (index, tensor) in tensors.enumerated() where machines.indices.contains(index) {
        try machines[index].add(tensor)
      }
    }
    return ReductionSchedule(try machines.compactMap { try PrunableVectors($0) }, in: model)
  }

  static let given = "float[N, 2] x"

  static let examples: [StrategyExample] = [
    .changes(
      "a vector that is there twice",
      """
      y = ai.onnx.ml.SVMRegressor<kernel_type = "RBF", kernel_params = [0.5, 0.0, 3.0], n_supports = 3, \
        support_vectors = [1.0, 0.5, 1.0, 0.5, -1.0, 0.25], coefficients = [1.0, 0.5, -2.0], rho = [0.5]>(x)
      """,
      to: """
        y = ai.onnx.ml.SVMRegressor<kernel_type = "RBF", kernel_params = [0.5, 0.0, 3.0], n_supports = 2, \
          support_vectors = [1.0, 0.5, -1.0, 0.25], coefficients = [1.5, -2.0], rho = [0.5]>(x)
        """, loss: .atMost(2e-9)),
    .keeps(
      "a single vector",
      """
      y = ai.onnx.ml.SVMRegressor<kernel_type = "RBF", kernel_params = [0.5, 0.0, 3.0], n_supports = 1, \
        support_vectors = [1.0, 0.5], coefficients = [1.0], rho = [0.5]>(x)
      """, because: "each score keeps one"),
  ]
}
