import Kernels

extension Matrix {
  public init(identity size: Int) {
    self.init(rows: size, columns: size, [Double](repeating: 0, count: size * size))
    for index in 0..<size { values[index * size + index] = 1 }
  }

  /// The rows and columns of these indices.
  public func selecting(rows: [Int], columns chosen: [Int]) -> Matrix {
    Matrix(
      rows: rows.count, columns: chosen.count, selected(values, columns: columns, rows: rows, taking: chosen))
  }

  /// self + rowsᵀ · rows, in the upper triangle of a square matrix; the lower one is left as it is.
  public mutating func addGram(of rows: Matrix) throws {
    precondition(self.rows == columns && rows.columns == columns)
    guard rows.rows > 0, columns > 0 else { return }
    try BasicRoutines.shared.get().gram(
      BasicRoutines.rowMajor, BasicRoutines.upper, BasicRoutines.transposed, Int32(columns), Int32(rows.rows),
      1,
      rows.values, Int32(columns), 1, &values, Int32(columns))
  }

  public func mirroringUpperTriangle() -> Matrix {
    var result = self
    mirrorUpperTriangle(&result.values, size: rows)
    return result
  }

  /// self − a · b.
  public mutating func subtract(_ a: Matrix, times b: Matrix) throws {
    precondition(a.rows == rows && b.columns == columns && a.columns == b.rows)
    guard rows > 0, columns > 0, a.columns > 0 else { return }
    try BasicRoutines.shared.get().product(
      BasicRoutines.rowMajor, BasicRoutines.asIs, BasicRoutines.asIs, Int32(rows), Int32(columns),
      Int32(a.columns), -1, a.values, Int32(a.columns), b.values, Int32(columns), 1, &values, Int32(columns))
  }

  public mutating func addToDiagonal(_ number: Double) {
    for index in 0..<min(rows, columns) { values[index * columns + index] += number }
  }

  public var trace: Double {
    (0..<min(rows, columns)).reduce(0) { $0 + values[$1 * columns + $1] }
  }
}
