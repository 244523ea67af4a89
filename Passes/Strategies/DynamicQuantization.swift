import Candidates
import GraphIR
import TensorCore

/// Products with constant matrices in 8 bits, whose activations get their range when the model runs: the operators of
/// the standard that ONNX Runtime turns into one integer kernel with the bias in it (`DynamicQuantizeMatMul`, or
/// `MatMulIntegerToFloat` where several products read the same bytes).
///
/// No range can be wrong, and nothing around a product has to be quantized, which is what transformers ask for. The
/// range is that of everything that the runtime is given at once, so that results of a sample depend a little on the
/// others of its batch. Convolutions are not for this: the runtime takes 4 to 17 times as long for them.
struct DynamicQuantization: ScheduleGenerator {
  static let name = "dynamic-int8"
  static let summary = "run products with constant matrices in 8 bits, with ranges of each run"
  static let stage = StrategyStage.precision

  /// The first version with `DynamicQuantizeLinear`.
  fileprivate static let leastOpset = 11
  private static let samples = 64

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let layers = model.quantizableLayers(opset: Self.leastOpset, keeping: keeping)
      .filter { DynamicProduct.canTake($0, in: model) }
    guard !layers.isEmpty else { return nil }
    let statistics = try ActivationStatistics(
      of: layers.flatMap { [$0.input, $0.result] }, in: model, samples: Self.samples, activations)
    let sound = layers.filter { statistics.isUsable($0.input) && statistics.isUsable($0.result) }
    let graded = try GradedLayer.ordered(sound, in: model) { layer in
      try layer.predictedError(
        statistics, scales: layer.scales(), inputStep: statistics[layer.input].summary.span / 255,
        resultStep: 0)
    }
    guard !graded.isEmpty else { return nil }
    return DynamicSchedule(layers: graded.map(\.layer), steps: graded.map { $0.step(in: model) })
  }

  static let given = """
    float[N, 8] x; const float[8, 4] w; const float[4] b; float[N, 8, 5] s; const float[4, 8, 1] k
    """

  static let examples: [StrategyExample] = [
    .changes(
      "a product", "y = MatMul(x, w)",
      to: """
        int8[8, 4] w_1; float[4] s_1; q, s, z = DynamicQuantizeLinear(x); i = MatMulInteger(q, w_1, z); \
        c = Cast<to = 1>(i); f = Mul(s, s_1); y = Mul(c, f)
        """, loss: .atMost(3e-4)),
    .keeps("a convolution", "y = Conv(s, k)", because: "runtimes take several times as long in integers"),
    .keeps("two activations", "t = Transpose(x); y = MatMul(x, t)", because: "there are no weights"),
  ]
}

private struct DynamicSchedule: Schedule {
  let layers: [QuantizableLayer]
  let steps: [ScheduledStep]

  func apply(_ chosen: [Int], to model: inout Model) throws {
    try model.raiseOpset(to: DynamicQuantization.leastOpset)
    let layers = chosen.map { self.layers[$0] }.sorted { $0.node < $1.node }
    try model.edit(as: DynamicQuantization.name) { rewriter in
      var quantized: [ValueID: DynamicProduct.Activations] = [:]
      for layer in layers {
        guard
          let activations = quantized[layer.input]
            ?? DynamicProduct.Activations(quantizing: layer.input, with: &rewriter)
        else { continue }
        quantized[layer.input] = activations
        try DynamicProduct(layer, activations).replace(with: &rewriter)
      }
    }
  }
}
