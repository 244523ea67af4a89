import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// First and second moments of what a layer reads, gathered batch by batch from some of its patches.
struct ChannelMoments {
  let layer: ChannelLayer
  private let sampling: RowSampling
  /// Of all samples.
  private let mostRows: Int
  private var sums: [Double]
  private var products: Matrix
  private var rows = 0
  private var samples = 0
  private var sum: ChannelVariation
  /// Whether the layer was given something else than the model says.
  private var isMistaken = false

  /// - Parameter samples: as many will come.
  init(of layer: ChannelLayer, samples: Int) {
    self.layer = layer
    sum = ChannelVariation(axis: layer.window == nil ? nil : 1)
    // Eight for each column tell the covariance well enough for weights to be fitted to it.
    mostRows = max(4096, 8 * layer.columns)
    sampling = RowSampling(
      channels: layer.channels.count, window: layer.window,
      rowsOfSample: max(1, (mostRows + samples - 1) / max(samples, 1)), sampleAxis: layer.sampleAxis)
    sums = [Double](repeating: 0, count: layer.columns)
    products = Matrix(
      rows: layer.columns, columns: layer.columns,
      [Double](repeating: 0, count: layer.columns * layer.columns))
  }

  /// - Parameter values: the layer's input, and the residual sum that its output goes into.
  /// - Throws: `ModelError` without BLAS.
  mutating func add(_ values: [ValueID: Tensor]) throws {
    if let batch = values[layer.input] { try add(batch) }
    if let batch = layer.sum.flatMap({ values[$0] }) { sum.add(batch) }
  }

  private mutating func add(_ batch: Tensor) throws {
    guard rows < mostRows, !isMistaken else { return }
    guard let patches = try? patches(of: batch) else {
      isMistaken = true
      return
    }
    guard patches.rows > 0 else { return }
    try products.addGram(of: patches)
    sums = Kernels.sums(sums, patches.columnMeans.map { $0 * Double(patches.rows) })
    rows += patches.rows
    samples += batch.dimensions.indices.contains(layer.sampleAxis) ? batch.dimensions[layer.sampleAxis] : 1
  }

  private func patches(of batch: Tensor) throws -> Matrix {
    try layer.states.map {
      try $0.rows(of: batch, sampling, firstSample: samples, mostRows: mostRows - rows)
    } ?? sampling.rows(of: batch, firstSample: samples, mostRows: mostRows - rows)
  }

  /// Nil where there were no samples, or numbers that are not finite.
  func covariance() -> ChannelCovariance? {
    guard rows > 0, !isMistaken else { return nil }
    let means = layer.bias == nil ? [Double](repeating: 0, count: sums.count) : sums.map { $0 / Double(rows) }
    var matrix = products.mirroringUpperTriangle()
    subtractOuterProduct(means, means, factor: Double(rows), from: &matrix.values)
    guard matrix.isFinite else { return nil }
    return ChannelCovariance(
      layer: layer, means: means, matrix: matrix, rows: rows, sumVariance: sum.variance)
  }
}
