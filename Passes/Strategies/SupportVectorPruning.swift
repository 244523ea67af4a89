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
}
