import Kernels
import TensorCore

/// Row-major, in Double.
public struct Matrix: Sendable {
  public let rows: Int
  public let columns: Int
  public var values: [Double]

  public init(rows: Int, columns: Int, _ values: [Double]) {
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A tensor of rank 2; nil for any other.
  public init?(_ tensor: Tensor) {
    guard tensor.rank == 2, let values = try? tensor.doubles() else { return nil }
    self.init(rows: tensor.dimensions[0], columns: tensor.dimensions[1], values)
  }

  public var transposed: Matrix {
    Matrix(rows: columns, columns: rows, Kernels.transposed(values, rows: rows, columns: columns))
  }

  public func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      Array(values[(range.lowerBound * columns)..<(range.upperBound * columns)]))
  }

  public var columnMeans: [Double] { Kernels.columnMeans(values, columns: columns) }

  public var isFinite: Bool { areFinite(values) }

  public func adding(_ row: [Double], sign: Double = 1) -> Matrix {
    var result = self
    addRow(row, sign: sign, to: &result.values)
    return result
  }

  public static func - (a: Matrix, b: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, differences(a.values, b.values))
  }

  public var sumOfSquares: Double { Kernels.sumOfSquares(values) }

  /// self · other, or selfᵀ · other.
  public func multiplied(by other: Matrix, transposingSelf: Bool = false) throws -> Matrix {
    let (m, k) = transposingSelf ? (columns, rows) : (rows, columns)
    var result = Matrix(rows: m, columns: other.columns, [Double](repeating: 0, count: m * other.columns))
    guard m > 0, k > 0, other.columns > 0 else { return result }
    try BasicRoutines.shared.get().product(
      BasicRoutines.rowMajor, transposingSelf ? BasicRoutines.transposed : BasicRoutines.asIs,
      BasicRoutines.asIs,
      Int32(m), Int32(other.columns), Int32(k), 1, values, Int32(columns), other.values, Int32(other.columns),
      0,
      &result.values, Int32(other.columns))
    return result
  }
}
