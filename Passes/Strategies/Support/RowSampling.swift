import Kernels
import LinearAlgebra
import TensorCore

/// Takes rows of numbers out of a value: patches that a kernel sees, or lines along the last axis; of each sample
/// some, spread evenly, at the same places in every value that has as many.
struct RowSampling: Sendable {
  let channels: Int
  /// Nil for lines along the last axis.
  let window: ChannelWindow?
  let rowsOfSample: Int
  /// Of samples, where lines are taken.
  var sampleAxis = 0

  private var taps: Int { window?.kernel.reduce(1, *) ?? 1 }
  var columns: Int { channels * taps }

  /// - Parameters:
  ///   - firstSample: how many samples came before this batch.
  ///   - mostRows: of lines.
  /// - Throws: `TensorError` where the batch is not what the model says.
  func rows(of batch: Tensor, firstSample: Int, mostRows: Int = .max) throws -> Matrix {
    try window.map { try patches(batch, $0, firstSample) } ?? lines(batch, firstSample, mostRows)
  }

  /// Some of `count` places, spread evenly, from a different first place for each sample.
  func spread(_ wanted: Int, over count: Int, sample: Int) -> [Int] {
    let wanted = min(wanted, count)
    // Multiples of the golden ratio fill 0..<1 evenly.
    let shift = (Double(sample) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
    return (0..<wanted).map { min(Int((Double($0) + shift) * Double(count) / Double(wanted)), count - 1) }
  }

  /// Rows of a product's left side.
  private func lines(_ batch: Tensor, _ firstSample: Int, _ mostRows: Int) throws -> Matrix {
    guard let last = batch.dimensions.last, last > 0, last == channels,
      let format = batch.elementType.numericFormat
    else { throw TensorError("\(batch.type) does not fit the weights") }
    let count = batch.elementCount / last
    let wanted =
      batch.rank == 2
      ? count
      : rowsOfSample.multipliedReportingOverflow(by: batch.dimensions[min(sampleAxis, batch.rank - 1)])
        .partialValue
    guard count > 0 else { return Matrix(rows: 0, columns: last, []) }
    let chosen = spread(max(min(wanted, mostRows), 1), over: count, sample: firstSample)
    var values = [Double](repeating: 0, count: chosen.count * last)
    values.withUnsafeMutableBytes { target in
      batch.withUnsafeBytes {
        gatherRows($0, rowLength: last, rows: chosen, from: format, to: .float64, into: target)
      }
    }
    return Matrix(rows: chosen.count, columns: last, values)
  }

  /// Patches of a convolution's input [samples, channels, …].
  private func patches(_ batch: Tensor, _ window: ChannelWindow, _ firstSample: Int) throws -> Matrix {
    let sizes = Array(batch.dimensions.dropFirst(2))
    guard batch.rank == window.kernel.count + 2, batch.dimensions[1] == channels else {
      throw TensorError("\(batch.type) does not fit the weights")
    }
    let floats =
      try batch.elementType == .float32
      ? batch : Tensor(.float32, rounding: batch.doubles(), batch.dimensions)
    let count = window.positionCount(sizes)
    let area = sizes.reduce(1, *)
    let perSample = min(rowsOfSample, count)
    guard perSample > 0 else { return Matrix(rows: 0, columns: columns, []) }
    let total = perSample * batch.dimensions[0]
    var values = [Double](repeating: 0, count: total * columns)
    values.withUnsafeMutableBufferPointer { target in
      floats.withUnsafeBytes { source in
        for sample in 0..<batch.dimensions[0] {
          let positions = spread(perSample, over: count, sample: firstSample + sample)
          gatherPatches(
            source, from: sample * channels * area, channels: channels, area: area,
            offsets: window.offsets(of: positions, in: sizes), taps: taps,
            into: UnsafeMutableBufferPointer(rebasing: target[(sample * perSample * columns)...]))
        }
      }
    }
    return Matrix(rows: total, columns: columns, values)
  }
}
