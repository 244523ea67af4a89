import Candidates
import GraphAnalysis
import GraphIR
import LinearAlgebra

/// Products and convolutions become two of lower rank: y = W·x + b → y = U·(V·x) + b′.
///
/// U has the directions in which the outputs vary most on calibration data, the eigenvectors of W·C·Wᵀ with C the second
/// moments of what the layer reads, and V = Uᵀ·W: the truncation that loses the least of the outputs. (That of W alone
/// loses the least of the weights, whatever they are multiplied by.)
struct LowRank: ScheduleGenerator {
  static let name = "low-rank"
  static let summary =
    "split products and convolutions into two of lower rank, along what the outputs vary in"
  static let stage = StrategyStage.narrowing

  private static let mostSamples = 128
  /// The second moments of all layers together.
  private static let mostMomentBytes = 512 << 20
  /// Relative squared error of a layer, and the share of the model's work and weights that has to go for it.
  private static let harmlessError = 0.01
  private static let leastShare = 0.15

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let schedule = try everyStep(for: model, keeping: keeping, activations: activations)
    return schedule.flatMap { isWorthwhile($0, CostModel(model)) ? $0 : nil }
  }

  /// Whether enough goes for little error: plans are measured, and split layers are more nodes. On glyph-resnet, where
  /// 2 % of work and weights would go, one step of 66 held after channels were pruned, for 1.2 passes over the data.
  private func isWorthwhile(_ schedule: LowRankSchedule, _ costs: CostModel) -> Bool {
    let harmless = schedule.steps.filter { $0.predictedError <= Self.harmlessError }
    let saving = harmless.reduce(Saving()) { $0 + $1.saving }
    let macs = Double(saving.macs) / Double(max(costs.macs, 1))
    return macs + Double(saving.parameters) / Double(max(costs.parameters, 1)) >= 2 * Self.leastShare
  }

  /// Worthwhile or not; nil where there is nothing to split.
  func everyStep(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> LowRankSchedule?
  {
    let layers = FactoredLayer.Candidate.all(in: model, keeping: keeping, momentBytes: Self.mostMomentBytes)
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard samples > 0, !layers.isEmpty else { return nil }
    var moments = layers.map { ChannelMoments(of: $0.matrix, samples: samples) }
    let values = Set(layers.map(\.matrix.input)).sorted()
    try activations.forEachBatch(of: values, samples: samples) { tensors in
      let batch = Dictionary(zip(values, tensors)) { first, _ in first }
      for index in moments.indices { try moments[index].add(batch) }
    }
    let factored = try zip(layers, moments).compactMap { layer, moments in
      try moments.covariance().flatMap { try FactoredLayer(layer.layer, $0, in: model) }
    }
    let schedule = LowRankSchedule(factored, in: model)
    return schedule.steps.isEmpty ? nil : schedule
  }

  static let given = """
    float[N, 2] t; const float[2, 32] p; float[N, 32] x; const float[32, 32] w; float[N, 8] f; const float[8, 8] m
    """

  static let examples: [StrategyExample] = [
    .changes(
      "what it reads varies in two directions only", "h = MatMul(t, p); y = MatMul(h, w)",
      to: "float[32, 8] v_1; float[8, 32] u_1; h = MatMul(t, p); k = MatMul(h, v_1); y = MatMul(k, u_1)",
      loss: .atMost(3e-8)),
    .keeps(
      "outputs that vary in all directions", "y = MatMul(x, w)",
      because: "no rank that saves anything leaves little error"),
    .keeps("a small matrix", "y = MatMul(f, m)", because: "runtimes compute eight columns at once"),
  ]
}
