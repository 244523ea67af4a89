import Candidates
import GraphAnalysis
import GraphIR
import TensorCore

/// Parts that something linear can stand in for, fitted by least squares to what they gave on calibration data: a
/// constant for a side of a sum or product; factors and summands of channels, or a linear map, for a region or a run of
/// blocks.
///
/// Of each part the cheapest is proposed whose error is near to the least, as far as `Ablation` does not propose it
/// already. Second moments tell the errors, of one run over at most `mostSamples` calibration samples.
///
/// Not among the defaults: on the models of the Corpus nothing that it proposes is better than a bypass, and searches
/// that try it as well end with plans that are no better or slower (glyph-resnet: 0.11 of the bytes instead of 0.09).
struct LinearReplacement: CandidateGenerator {
  static let name = "linear-replacement"
  static let summary =
    "replace branches, layers and runs of blocks by constants or linear maps fitted to them"
  static let stage = StrategyStage.removal
  static let isDefault = false

  private static let mostSamples = 128

  func candidates(for model: Model, activations: any ActivationSource) throws -> [Candidate] {
    let parts = ReplaceableParts(of: model).parts
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard samples > 0, !parts.isEmpty else { return [] }
    var observations = parts.map { PartObservation(of: $0, samples: samples) }
    let values = Set(observations.flatMap(\.values)).sorted()
    try activations.forEachBatch(of: values, samples: samples) { tensors in
      let batch = Dictionary(zip(values, tensors)) { first, _ in first }
      for index in observations.indices { try observations[index].add(batch) }
    }
    return try ReplacementChoice(observations.compactMap { $0.fit() }, in: model).candidates
  }
}
