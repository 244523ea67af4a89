import Candidates
import GraphIR

/// Products with constant matrices whose weights take 4 bits, with a scale for each 32 of a column: an eighth of the
/// bytes, and activations in floating point (ONNX Runtime's operator `MatMulNBits`).
///
/// Weights are rounded for what the product gives on calibration data, not each to its nearest level. Products of a
/// few rows with large matrices are faster, since fewer bytes are read; those with small ones are not: that is for
/// bytes.
struct WeightInt4: ScheduleGenerator {
  static let name = "weight-int4"
  static let summary = "store matrices of products in 4 bits, rounded by how their inputs vary together"
  static let stage = StrategyStage.precision

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    try BlockwiseSchedule(Self.name, bits: 4, block: 32, of: model, keeping: keeping, activations)
  }

  static let given = "float[N, 32] x; const float[32, 4] w; float[N, 16] s; const float[16, 4] v"

  static let examples: [StrategyExample] = [
    .changes(
      "a product", "y = MatMul(x, w)",
      to: """
        uint8[4, 1, 16] w_1; float[4, 1] s_1; \
        y = com.microsoft.MatMulNBits<K = 32, N = 4, bits = 4, block_size = 32, accuracy_level = 0>(x, w_1, s_1)
        """, loss: .atMost(0.01)),
    .keeps("short columns", "y = MatMul(s, v)", because: "a block would be mostly empty"),
  ]
}
