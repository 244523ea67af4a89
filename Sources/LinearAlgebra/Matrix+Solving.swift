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
}
