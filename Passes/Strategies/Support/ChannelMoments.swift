import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// First and second moments of what a layer reads, gathered batch by batch from some of its patches.
struct ChannelMoments {
  let layer: ChannelLayer
  /// Patches of each sample, and of all.
  private let rowsOfSample: Int
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
    rowsOfSample = max(1, (mostRows + samples - 1) / max(samples, 1))
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
    guard let patches = try? layer.window.map({ try self.patches(batch, $0) }) ?? lines(batch) else {
      isMistaken = true
      return
    }
    guard patches.rows > 0 else { return }
    try products.addGram(of: patches)
    sums = Kernels.sums(sums, patches.columnMeans.map { $0 * Double(patches.rows) })
    rows += patches.rows
    samples += batch.dimensions.first ?? 1
  }

  /// Some of `count` places, spread evenly, from a different first place for each sample.
  private func spread(_ wanted: Int, over count: Int, sample: Int) -> [Int] {
    let wanted = min(wanted, count)
    // Multiples of the golden ratio fill 0..<1 evenly.
    let shift = (Double(sample) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    return (0..<wanted).map { min(Int((Double($0) + shift) * Double(count) / Double(wanted)), count - 1) }
  }

  /// Rows of a product's left side.
  private func lines(_ batch: Tensor) throws -> Matrix {
    guard let last = batch.dimensions.last, last > 0, last == layer.columns,
      let format = batch.elementType.numericFormat
    else { throw TensorError("\(batch.type) does not fit the weights") }
    let count = batch.elementCount / last
    let wanted =
      batch.rank == 2 ? count : rowsOfSample.multipliedReportingOverflow(by: batch.dimensions[0]).partialValue
    guard count > 0 else { return Matrix(rows: 0, columns: last, []) }
    let chosen = spread(max(min(wanted, mostRows - rows), 1), over: count, sample: samples)
    var values = [Double](repeating: 0, count: chosen.count * last)
    values.withUnsafeMutableBytes { target in
      batch.withUnsafeBytes {
        gatherRows($0, rowLength: last, rows: chosen, from: format, to: .float64, into: target)
      }
    }
    return Matrix(rows: chosen.count, columns: last, values)
  }

  /// Patches of a convolution's input [samples, channels, …].
  private func patches(_ batch: Tensor, _ window: ChannelWindow) throws -> Matrix {
    let sizes = Array(batch.dimensions.dropFirst(2))
    guard batch.rank == window.kernel.count + 2, batch.dimensions[1] == layer.channels.count else {
      throw TensorError("\(batch.type) does not fit the weights")
    }
    let floats =
      try batch.elementType == .float32
      ? batch : Tensor(.float32, rounding: batch.doubles(), batch.dimensions)
    let count = window.positionCount(sizes)
    let area = sizes.reduce(1, *)
    let perSample = min(rowsOfSample, count)
    let width = layer.columns
    guard perSample > 0 else { return Matrix(rows: 0, columns: width, []) }
    let total = perSample * batch.dimensions[0]
    var values = [Double](repeating: 0, count: total * width)
    values.withUnsafeMutableBufferPointer { target in
      floats.withUnsafeBytes { source in
        for sample in 0..<batch.dimensions[0] {
          let positions = spread(perSample, over: count, sample: samples + sample)
          gatherPatches(
            source, from: sample * layer.channels.count * area, channels: layer.channels.count, area: area,
            offsets: window.offsets(of: positions, in: sizes), taps: layer.taps,
            into: UnsafeMutableBufferPointer(rebasing: target[(sample * perSample * width)...]))
        }
      }
    }
    return Matrix(rows: total, columns: width, values)
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
