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
}
