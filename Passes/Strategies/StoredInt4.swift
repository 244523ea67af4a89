import Candidates
import GraphIR

/// Weights of convolutions and products in 4 bits, with a scale for each channel, that the runtime turns into floating
/// point when it loads the model: an eighth of the bytes of the file, at the speed of single precision.
///
/// They are rounded for what the layer gives on calibration data (`LevelledWeights`).
struct StoredInt4: ScheduleGenerator {
  static let name = "stored-int4"
  static let summary = "store weights in 4 bits, which runtimes unpack when they load the model"
  static let stage = StrategyStage.precision
  static let isForStorage = true

  /// The first version whose `Cast` takes 4 bits.
  fileprivate static let leastOpset = 21
  private static let samples = 128

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let layers = model.quantizableLayers(opset: Self.leastOpset, keeping: keeping)
      .filter { $0.hasFiniteWeights && model.input(1, of: $0.node).map(model.hasOneUse) == true }
    guard !layers.isEmpty else { return nil }
    let observations = try LayerObservations(of: layers, in: model, samples: Self.samples, activations)
    var weights: [NodeID: LevelledWeights] = [:]
    for layer in observations.layers {
      weights[layer.node] = try LevelledWeights(
        of: layer, block: layer.weights.elementCount / layer.channels, levels: -8...7, observations)
    }
    let graded = GradedLayer.ordered(observations.layers, in: model) { weights[$0.node]?.error ?? .infinity }
    guard !graded.isEmpty else { return nil }
    let stored = graded.compactMap { graded in
      weights[graded.layer.node].map { StoredWeights(layer: graded.layer, weights: $0) }
    }
    return StoredSchedule(weights: stored, steps: graded.map { $0.step(in: model, bits: 4) })
  }

  static let given = "float[N, 8] x; const float[8, 4] w"

  static let examples: [StrategyExample] = [
    .changes(
      "a product", "y = MatMul(x, w)",
      to: """
        int4[8, 4] w_1; float[4] s_1; c = Cast<to = 1>(w_1); m = Mul(c, s_1); y = MatMul(x, m)
        """, loss: .atMost(0.01)),
    .keeps(
      "weights with two readers", "p = MatMul(x, w); q = MatMul(x, w); y = Mul(p, q)",
      because: "they would be stored twice"),
  ]
}

private struct StoredSchedule: Schedule {
  let weights: [StoredWeights]
  let steps: [ScheduledStep]

  func apply(_ chosen: [Int], to model: inout Model) throws {
    try model.raiseOpset(to: StoredInt4.leastOpset)
    try model.edit(as: StoredInt4.name) { rewriter in
      for index in chosen { try weights[index].unpack(with: &rewriter) }
    }
  }
}
