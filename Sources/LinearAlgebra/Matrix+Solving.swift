extension Matrix {
  /// X with self · X = `rightHandSide`ᵀ, transposed as the right-hand side is: [columns of X, size].
  ///
  /// By Cholesky's factorization (LAPACK `dposv`, columns first).
  /// - Returns: nil where self, which has to be symmetric, is not positive definite.
  public func solvedSymmetric(_ rightHandSide: Matrix) throws -> Matrix? {
    guard rows == columns, rightHandSide.columns == rows, rows > 0 else { return nil }
    var (factor, solution) = (self, rightHandSide)
    var size = Int32(rows)
    var count = Int32(rightHandSide.rows)
    var (strideA, strideB) = (size, size)
    var info: Int32 = 0
    var triangle = CChar(UInt8(ascii: "U"))
    try BasicRoutines.shared.get().solveSymmetric(
      &triangle, &size, &count, &factor.values, &strideA, &solution.values, &strideB, &info)
    return info == 0 ? solution : nil
  }

  /// The upper triangular U with UᵀU = self, zeros below it (Cholesky).
  /// - Returns: nil where self, which has to be symmetric, is not positive definite.
  public func choleskyFactor() throws -> Matrix? {
    guard rows == columns, rows > 0 else { return nil }
    var (factor, nothing) = (self, [0.0])
    var size = Int32(rows)
    var (stride, count, info): (Int32, Int32, Int32) = (size, 0, 0)
    // The lower triangle where columns come first.
    var triangle = CChar(UInt8(ascii: "L"))
    var strideOfNothing = size
    try BasicRoutines.shared.get().solveSymmetric(
      &triangle, &size, &count, &factor.values, &stride, &nothing, &strideOfNothing, &info)
    guard info == 0 else { return nil }
    for row in 0..<rows {
      for column in 0..<row { factor.values[row * columns + column] = 0 }
    }
    return factor
  }
}
