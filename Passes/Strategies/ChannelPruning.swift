import Candidates
import GraphIR
import LinearAlgebra

/// Narrows layers: channels, hidden widths, attention heads and units of recurrent cells go from all layers that make,
/// carry or read them, and those that read them are fitted anew to what they gave before.
///
/// A cell reads its own units. Its recurrent weights are fitted to the states that the original went through; what
/// that changes in the states of later steps is left to the search to measure. Both directions of a cell lose the same
/// units.
///
/// Which channels go together follows from the graph (`ChannelFlow`); in which order, from second moments of what
/// the reading layers see (`UnitElimination`). At most `mostSamples` calibration samples are run, and of each
/// layer's patches max(4096, 8 · columns) are looked at.
struct ChannelPruning: ScheduleGenerator {
  static let name = "channel-pruning"
  static let summary = "narrow layers by the channels that others can make up for, by least squares"
  static let stage = StrategyStage.narrowing

  /// The second moments of all layers together.
  private static let mostMomentBytes = 1 << 30
  /// Tapped values of one sample in one run.
  private static let mostTapBytes = 2 << 20
  private static let mostSamples = 256

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let flow = ChannelFlow(of: model, keeping: keeping)
    var plan = ChannelPlan(ChannelGroups(flow), flow, momentBytes: Self.mostMomentBytes)
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard samples > 0, !plan.layers.isEmpty else { return nil }
    for run in plan.runs(within: Self.mostTapBytes) {
      var moments = run.layers.compactMap { index in
        plan.layers[index].map { (index: index, value: ChannelMoments(of: $0, samples: samples)) }
      }
      try activations.forEachBatch(of: run.values, samples: samples) { tensors in
        let batch = Dictionary(zip(run.values, tensors)) { first, _ in first }
        for index in moments.indices { try moments[index].value.add(batch) }
      }
      for moment in moments { plan.covariances[moment.index] = moment.value.covariance() }
    }
    return plan.schedule()
  }

  static let given = """
    float[N, 2] x; const float[8, 3] v; \
    const float[2, 8] w = {1, 1, -1, -1, 0.5, 0.5, 0.5, 0.5, 2, 2, 1, 1, -1, -1, 1, 1}
    """

  static let examples: [StrategyExample] = [
    .changes(
      "channels that repeat others", "h = MatMul(x, w); r = Relu(h); y = MatMul(r, v)",
      to: "float[2, 4] w_1; float[4, 3] v_1; h = MatMul(x, w_1); r = Relu(h); y = MatMul(r, v_1)",
      loss: .atMost(2e-7)
    ),
    .keeps(
      "channels that the model returns", "h = MatMul(x, w); y = Relu(h)", because: "nothing makes up for them"
    ),
    .keeps(
      "channels that an operator tells apart", "h = MatMul(x, w); r = Softmax(h); y = MatMul(r, v)",
      because: "each probability depends on all channels"),
  ]
}
