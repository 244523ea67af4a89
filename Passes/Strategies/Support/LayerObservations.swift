import Candidates
import GraphIR
import TensorCore

/// What calibration data tells about layers that are to be quantized: the numbers that they read and give, and how
/// the columns that they read vary together.
struct LayerObservations {
  /// Those that always read and gave numbers.
  let layers: [QuantizableLayer]
  let statistics: ActivationStatistics
  private let covariances: [NodeID: ChannelCovariance]

  /// The second moments of all layers together; the widest layers go without.
  private static let mostMomentBytes = 512 << 20

  /// - Throws: `ModelError` without BLAS, and where the model does not run.
  init(
    of layers: [QuantizableLayer], in model: Model, samples: Int, _ activations: any ActivationSource
  ) throws {
    let count = min(samples, activations.sampleCount)
    var moments = Self.narrowest(layers.compactMap { ChannelLayer($0, in: model) })
      .map { ChannelMoments(of: $0, samples: count) }
    let statistics = try ActivationStatistics(
      of: layers.flatMap { [$0.input, $0.result] }, in: model, samples: count, activations
    ) { batch in
      for index in moments.indices { try moments[index].add(batch) }
    }
    self.statistics = statistics
    self.layers = layers.filter { statistics.isUsable($0.input) && statistics.isUsable($0.result) }
    let found = moments.compactMap { moment in moment.covariance().map { (moment.layer.node, $0) } }
    covariances = Dictionary(found) { first, _ in first }
  }

  private static func narrowest(_ layers: [ChannelLayer]) -> [ChannelLayer] {
    var bytes = 0
    return layers.sorted { ($0.columns, $0.node) < ($1.columns, $1.node) }.prefix { layer in
      bytes += layer.columns * layer.columns * MemoryLayout<Double>.size
      return bytes <= mostMomentBytes
    }.sorted { $0.node < $1.node }
  }

  /// Nil where a layer is too wide, or its columns are not those of a matrix product.
  func covariance(of layer: QuantizableLayer) -> ChannelCovariance? { covariances[layer.node] }
}
