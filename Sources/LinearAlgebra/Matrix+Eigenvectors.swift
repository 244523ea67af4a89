extension Matrix {
  /// Eigenvalues and, row by row, their orthonormal eigenvectors, the largest first (LAPACK `dsyev`).
  /// - Returns: nil where self, which has to be symmetric, has numbers that are not finite, or none were found.
  public func symmetricEigenvectors() throws -> (values: [Double], vectors: Matrix)? {
    guard rows == columns, rows > 0, rows < 1 << 14, isFinite else { return nil }
    var (vectors, size, info) = (self, Int32(rows), Int32(0))
    var numbers = [Double](repeating: 0, count: rows)
    var (job, triangle) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")))
    // LAPACK's blocks are at most 64 wide.
    var length = Int32(66 * rows)
    var workspace = [Double](repeating: 0, count: Int(length))
    var stride = size
    try BasicRoutines.shared.get().decomposeSymmetric(
      &job, &triangle, &size, &vectors.values, &stride, &numbers, &workspace, &length, &info)
    guard info == 0 else { return nil }
    // Ascending, as columns where columns come first: rows here.
    let order = Array((0..<rows).reversed())
    return (order.map { numbers[$0] }, vectors.selecting(rows: order, columns: Array(0..<rows)))
  }
}
