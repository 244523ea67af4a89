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

  static let given = """
    float[N, 5, 8] x; const float[8, 32] w; const float[32] b; const float[32, 8] v; const float[8] c; \
    const float[8, 8] zeros = 0; const float[8, 8] m
    """

  static let examples: [StrategyExample] = [
    .changes(
      "a side of a sum that is always the same",
      "h = MatMul(x, zeros); k = Add(h, c); s = Exp(k); y = Add(x, s)",
      to: "float[8] c_1; y = Add(x, c_1)", loss: .none),
    .changes(
      "layers that a linear map can stand for", "h = MatMul(x, w); k = Add(h, b); y = MatMul(k, v)",
      to: "float[8, 8] m_1; float[8] c_1; h = MatMul(x, m_1); y = Add(h, c_1)", loss: .atMost(5e-8)),
    .keeps(
      "a single product", "y = MatMul(x, m)", because: "a matrix in the place of a matrix saves nothing"),
    .keeps(
      "what is even", "h = MatMul(x, w); a = Abs(h); y = MatMul(a, v)",
      because: "the sign of its inputs is all that a linear map could use"),
  ]
}
