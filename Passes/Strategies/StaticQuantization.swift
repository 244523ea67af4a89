import Candidates
import GraphIR
import TensorCore

/// Convolutions and products of matrices in 8 bits, activations and weights, in the form that ONNX Runtime turns
/// into integer kernels: `QuantizeLinear` and `DequantizeLinear` around them (Jacob et al., "Quantization and
/// Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018).
///
/// Activations are unsigned with one scale and zero point, over the range with the least squared error on
/// calibration data. Weights are signed and symmetric, with a scale for each channel of the result, rounded for what
/// the layer gives (`LevelledWeights`). Biases are 32 bits wide, and corrected for what rounding the weights does to the mean result (Nagel et al., "Data-Free
/// Quantization Through Weight Equalization and Bias Correction", 2019).
struct StaticQuantization: ScheduleGenerator {
  static let name = "static-int8"
  static let summary = "run convolutions and matrix products in 8 bits, with ranges from calibration data"
  static let stage = StrategyStage.precision

  /// The first version whose quantizers take a scale for each channel.
  fileprivate static let leastOpset = 13
  private static let samples = 128

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let layers = model.quantizableLayers(opset: Self.leastOpset, keeping: keeping)
    guard !layers.isEmpty else { return nil }
    let observations = try LayerObservations(of: layers, in: model, samples: Self.samples, activations)
    let statistics = observations.statistics
    let graded = try GradedLayer.ordered(observations.layers, in: model) {
      try $0.predictedError(statistics)
    }
    guard !graded.isEmpty else { return nil }
    var weights: [NodeID: LevelledWeights] = [:]
    for layer in graded.map(\.layer) where observations.covariance(of: layer) != nil {
      weights[layer.node] = try LevelledWeights(
        of: layer, block: layer.weights.elementCount / layer.channels, levels: -127...127, observations)
    }
    return QuantizationSchedule(
      layers: graded.map(\.layer), statistics: statistics, weights: weights,
      steps: graded.map { $0.step(in: model) })
  }

  static let given = """
    float[N, 2, 4, 4] x; const float[4, 2, 3, 3] w; const float[4] b; float[N, 4, 8] s
    """

  static let examples: [StrategyExample] = [
    .changes(
      "a convolution", "h = Conv(x, w, b); y = Relu(h)",
      to: """
        int8[4, 2, 3, 3] w_1; int32[4] b_1; \
        p = QuantizeLinear(x, s_1, z_1); q = DequantizeLinear(p, s_1, z_1); \
        v = DequantizeLinear<axis = 0>(w_1, s_2, z_2); c = DequantizeLinear<axis = 0>(b_1, s_3); h = Conv(q, v, c); \
        y = Relu(h)
        """, loss: .atMost(1e-3)),
    .keeps(
      "two activations", "t = Transpose<perm = [0, 2, 1]>(s); y = MatMul(s, t)",
      because: "there are no weights"),
  ]
}

private struct QuantizationSchedule: Schedule {
  let layers: [QuantizableLayer]
  let statistics: ActivationStatistics
  /// Of layers of which it is known how the columns that they read vary together.
  let weights: [NodeID: LevelledWeights]
  let steps: [ScheduledStep]

  func apply(_ chosen: [Int], to model: inout Model) throws {
    try model.raiseOpset(to: StaticQuantization.leastOpset)
    let layers = chosen.map { self.layers[$0] }.sorted { $0.node < $1.node }
    let plan = QuantizedValues(of: layers, statistics, in: model)
    try model.edit(as: StaticQuantization.name) { rewriter in
      for layer in layers {
        try layer.quantizeParameters(plan, statistics, weights[layer.node], with: &rewriter)
      }
      try plan.insert(with: &rewriter)
    }
  }
}
