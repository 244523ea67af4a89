/// How the rows of a matrix are laid on few levels: x ≈ level · scale, with a scale for each block of a row. The last
/// block of a row may be short.
public struct LevelGrid: Sendable {
  public let columns: Int
  public let block: Int
  public let levels: ClosedRange<Int>
  /// [rows, blocks of a row]
  public internal(set) var scales: [Float]

  public var blocks: Int { (columns + block - 1) / block }
}

extension LevelGrid {
  /// Scales with the least squared error, each column counted by its weight.
  ///
  /// A block's number of largest magnitude lies on the lowest level, so that no level is wasted; or beyond it, where
  /// that makes the others better. A scale may be negative where there are more levels on one side of 0, and is 1 in
  /// blocks of zeros.
  ///
  /// - Parameters:
  ///   - values: [rows, columns], finite.
  ///   - weights: of the columns, ≥ 0.
  public init(
    fitting values: [Double], columns: Int, block: Int, levels: ClosedRange<Int>, weights: [Double]
  ) {
    precondition(columns > 0 && block > 0 && weights.count == columns && levels.lowerBound < 0)
    (self.columns, self.block, self.levels, scales) = (columns, block, levels, [])
    for start in stride(from: 0, to: values.count, by: columns) {
      for first in stride(from: 0, to: columns, by: block) {
        scales.append(bestScale(values, start, first..<min(first + block, columns), weights))
      }
    }
  }

  private func bestScale(_ values: [Double], _ start: Int, _ range: Range<Int>, _ weights: [Double]) -> Float
  {
    var extreme = 0.0
    for column in range where abs(values[start + column]) > abs(extreme) { extreme = values[start + column] }
    if levels.upperBound == -levels.lowerBound { extreme = -abs(extreme) }
    let widest = Float(extreme / Double(levels.lowerBound))
    guard widest.isNormal else { return 1 }
    var (best, leastError) = (widest, Double.infinity)
    for step in 0..<Self.scaleSteps {
      let scale = widest * (1 - Float(step) * Self.scaleStep)
      var error = 0.0
      for column in range {
        let value = values[start + column]
        let difference = value - Double(level(value / Double(scale))) * Double(scale)
        error += weights[column] * difference * difference
      }
      if error < leastError { (best, leastError) = (scale, error) }
    }
    return best.isNormal ? best : widest
  }

  private static var scaleSteps: Int { 12 }
  private static var scaleStep: Float { 0.03 }

  fileprivate func level(_ quotient: Double) -> Int {
    let nearest = quotient.rounded(.toNearestOrEven)
    guard nearest == nearest else { return 0 }
    return Int(min(max(nearest, Double(levels.lowerBound)), Double(levels.upperBound)))
  }

  /// The nearest levels.
  public func rounded(_ values: [Double]) -> [Int8] {
    var values = values
    return rounded(&values) { _, _, _ in }
  }

  /// Levels for which values · x changes little, for columns x that vary together: what rounding a column loses, the
  /// columns behind it make up for (Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative
  /// Pre-trained Transformers", 2022).
  ///
  /// - Parameter factor: the upper triangular U of C⁻¹ = UᵀU, with C the second moments of x; [columns, columns].
  public func rounded(_ values: [Double], compensatingBy factor: [Double]) -> [Int8] {
    precondition(factor.count == columns * columns)
    var values = values
    return rounded(&values) { row, column, error in
      let diagonal = factor[column * columns + column]
      guard diagonal > 0 else { return }
      let share = error / diagonal
      for later in column + 1..<columns { row[later] -= share * factor[column * columns + later] }
    }
  }

  /// - Parameter spread: gets the rest of the row, the column just rounded, and its error.
  private func rounded(
    _ values: inout [Double], spread: (UnsafeMutableBufferPointer<Double>, Int, Double) -> Void
  ) -> [Int8] {
    precondition(scales.count * columns == values.count * blocks)
    var result = [Int8](repeating: 0, count: values.count)
    values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: columns) {
        let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + columns])
        for column in 0..<columns {
          let scale = Double(scales[start / columns * blocks + column / block])
          let chosen = level(row[column] / scale)
          result[start + column] = Int8(clamping: chosen)
          spread(row, column, row[column] - Double(chosen) * scale)
        }
      }
    }
    return result
  }

  /// What the levels stand for.
  public func values(of levels: [Int8]) -> [Double] {
    levels.indices.map { index in
      let scale = scales[index / columns * blocks + index % columns / block]
      return Double(levels[index]) * Double(scale)
    }
  }
}
