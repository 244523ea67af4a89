import Kernels
import LinearAlgebra
import TensorCore

extension RecurrentStates {
  /// States that the cell reads: of some sequences and steps, spread evenly.
  /// - Parameters:
  ///   - output: of the cell, [sequence, directions, batch, hidden].
  ///   - sampling: how many rows of each sequence; its columns are the hidden units.
  /// - Throws: `TensorError` where the batch is not what the model says.
  func rows(of output: Tensor, _ sampling: RowSampling, firstSample: Int, mostRows: Int) throws -> Matrix {
    let hidden = sampling.channels
    guard output.rank == 4, output.dimensions[1] == directions, output.dimensions[3] == hidden, hidden > 0,
      let format = output.elementType.numericFormat
    else { throw TensorError("\(output.type) does not fit the weights") }
    let (rows, batch) = (output.dimensions[0], output.dimensions[2])
    let steps = steps ?? rows
    guard steps > 0, rows % steps == 0 else { throw TensorError("\(output.type) is no whole sequence") }
    // The last step's state is not read again, and the first step reads what is given first.
    let (start, count) = (startsAtZero ? -1 : 0, startsAtZero ? steps : steps - 1)
    let sequences = batch * (rows / steps)
    guard count > 0, sequences > 0 else { return Matrix(rows: 0, columns: hidden, []) }
    let wanted = sampling.rowsOfSample.multipliedReportingOverflow(by: sequences)
    let chosen = sampling.spread(
      max(min(wanted.overflow ? .max : wanted.partialValue, mostRows), 1), over: count * sequences,
      sample: firstSample)
    let places = chosen.compactMap { place -> Int? in
      let step = start + place % count
      return step < 0 ? nil : row(step, of: place / count, steps: steps, batch: batch)
    }
    var values = [Double](repeating: 0, count: places.count * hidden)
    values.withUnsafeMutableBytes { target in
      output.withUnsafeBytes {
        gatherRows($0, rowLength: hidden, rows: places, from: format, to: .float64, into: target)
      }
    }
    if hasLengths { return Matrix(dropping0RowsOf: values, columns: hidden) }
    values += [Double](repeating: 0, count: (chosen.count - places.count) * hidden)
    return Matrix(rows: chosen.count, columns: hidden, values)
  }

  /// Of the output, where the state after a step of a sequence lies.
  private func row(_ step: Int, of sequence: Int, steps: Int, batch: Int) -> Int {
    let position = isReversed ? steps - 1 - step : step
    return ((sequence / batch * steps + position) * directions + direction) * batch + sequence % batch
  }
}

extension Matrix {
  /// Behind the end of a sequence there is nothing but zeros.
  fileprivate init(dropping0RowsOf values: [Double], columns: Int) {
    let rows = stride(from: 0, to: values.count, by: columns).map { values[$0..<$0 + columns] }
      .filter { row in row.contains { $0 != 0 } }
    self.init(rows: rows.count, columns: columns, Array(rows.joined()))
  }
}
