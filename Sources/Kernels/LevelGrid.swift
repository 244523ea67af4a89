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
  /// A block's number of largest magnitude lies on the lowest level, so that no level is wasted: a scale may be
  /// negative where there are more levels on one side of 0. It is 1 in blocks of zeros.
  ///
  /// Scales with a lower squared error of the weights, by which that number is cut off, gave models with larger errors.
  ///
  /// - Parameter values: [rows, columns], finite.
  public init(spanning values: [Double], columns: Int, block: Int, levels: ClosedRange<Int>) {
    precondition(columns > 0 && block > 0 && levels.lowerBound < 0)
    (self.columns, self.block, self.levels, scales) = (columns, block, levels, [])
    for start in stride(from: 0, to: values.count, by: columns) {
      for first in stride(from: start, to: start + columns, by: block) {
        scales.append(scale(of: values[first..<min(first + block, start + columns)]))
      }
    }
  }

  private func scale(of values: ArraySlice<Double>) -> Float {
    var extreme = 0.0
    for value in values where abs(value) > abs(extreme) { extreme = value }
    let isSymmetric = levels.upperBound == -levels.lowerBound
    let scale = Float((isSymmetric ? -abs(extreme) : extreme) / Double(levels.lowerBound))
    return scale.isNormal ? scale : 1
  }

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
