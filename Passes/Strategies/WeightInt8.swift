import Candidates
import GraphIR

/// Products with constant matrices whose weights take 8 bits, with a scale for each 64 of a column, and whose
/// activations stay in floating point (ONNX Runtime's operator `MatMulNBits`): for models whose activations cannot be
/// quantized, or whose weights lose too much in 4 bits.
struct WeightInt8: ScheduleGenerator {
  static let name = "weight-int8"
  static let summary = "store matrices of products in 8 bits, activations in floating point"
  static let stage = StrategyStage.precision

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    try BlockwiseSchedule(Self.name, bits: 8, block: 64, of: model, keeping: keeping, activations)
  }

  static let given = "float[N, 64] x; const float[64, 4] w; float[N, 32] s; const float[32, 4] v"

  static let examples: [StrategyExample] = [
    .changes(
      "a product", "y = MatMul(x, w)",
      to: """
        uint8[4, 1, 64] w_1; float[4, 1] s_1; \
        y = com.microsoft.MatMulNBits<K = 64, N = 4, bits = 8, block_size = 64, accuracy_level = 4>(x, w_1, s_1)
        """, loss: .atMost(1e-4)),
    .keeps("short columns", "y = MatMul(s, v)", because: "a block would be mostly empty"),
  ]
}
