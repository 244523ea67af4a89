import Candidates
import GraphIR

/// Products with constant matrices whose weights take 4 bits, with a scale for each 32 of a column: an eighth of the
/// bytes, and activations in floating point (ONNX Runtime's operator `MatMulNBits`).
///
/// Weights are rounded for what the product gives on calibration data, not each to its nearest level. On processors
/// with AVX-512, products of small matrices take as long as in single precision: this is for bytes.
struct WeightInt4: ScheduleGenerator {
  static let name = "weight-int4"
  static let summary = "store matrices of products in 4 bits, rounded by how their inputs vary together"
  static let stage = StrategyStage.precision

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    try BlockwiseSchedule(Self.name, bits: 4, block: 32, of: model, keeping: keeping, activations)
  }
}
