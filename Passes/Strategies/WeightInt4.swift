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
}
