import Candidates
import GraphAnalysis
import GraphIR

/// A layer with the error that quantizing it is predicted to cause at its result, relative to the result's variance.
struct GradedLayer: Sendable {
  let layer: QuantizableLayer
  let error: Double
  private let macs: Int

  /// The least error first, and among equals the larger layer, which gains more. What has no finite error is left
  /// out: weights that are no numbers, or as large as numbers get.
  static func ordered(
    _ layers: [QuantizableLayer], in model: Model, error: (QuantizableLayer) throws -> Double
  ) rethrows -> [GradedLayer] {
    let costs = CostModel(model)
    return try layers.map { GradedLayer(layer: $0, error: try error($0), macs: costs.macs(of: $0.node)) }
      .filter(\.error.isFinite)
      .sorted {
        $0.error != $1.error ? $0.error < $1.error : ($1.macs, $0.layer.node) < ($0.macs, $1.layer.node)
      }
  }

  /// - Parameter bits: of each weight afterwards, with what is stored beside it.
  func step(in model: Model, bits: Double = 8) -> ScheduledStep {
    ScheduledStep(
      title: model.label(of: layer.node), nodes: [layer.node], predictedError: error,
      saving: Saving(bytes: Int(Double(layer.weights.elementCount) * (32 - bits) / 8)))
  }
}
