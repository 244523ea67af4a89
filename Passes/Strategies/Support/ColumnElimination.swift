import Kernels
import LinearAlgebra

/// The weights of a linear layer while columns of its input are given up, and the others make up for them by least
/// squares (optimal brain surgeon; Hassibi & Stork, 1993).
///
/// With the inverse C⁻¹ of the inputs' covariance, giving up the columns B of weights W costs
/// tr(W_B · (C⁻¹_BB)⁻¹ · W_Bᵀ), and what is left is updated by block elimination.
struct ColumnElimination {
  /// C⁻¹ of what is left; rows and columns of what is gone are not read again.
  private var inverse: Matrix
  /// [columns, outputs]
  private var weights: Matrix

  init(inverse: Matrix, weights: Matrix) {
    (self.inverse, self.weights) = (inverse, weights)
  }

  /// The squared error that giving up these columns adds; infinite where rounding has made an end of it.
  func cost(of columns: [Int]) -> Double {
    var block = inverse.selecting(rows: columns, columns: columns).values
    var right = weights.selecting(rows: columns, columns: Array(0..<weights.columns)).values
    return inverseWeightedSquare(&block, size: columns.count, right: &right)
  }

  /// - Returns: what it costs; nil where rounding has made an end of it.
  mutating func eliminate(_ columns: [Int]) -> Double? {
    guard !columns.isEmpty else { return 0 }
    let rows = inverse.selecting(rows: columns, columns: Array(0..<inverse.columns))
    let gone = weights.selecting(rows: columns, columns: Array(0..<weights.columns))
    let block = inverse.selecting(rows: columns, columns: columns)
    guard let factors = try? block.solvedSymmetric(rows.transposed),
      let solved = try? block.solvedSymmetric(gone.transposed),
      (try? inverse.subtract(factors, times: rows)) != nil,
      (try? weights.subtract(factors, times: gone)) != nil
    else { return nil }
    let cost = innerProduct(solved.transposed.values, gone.values)
    return cost.isFinite ? max(cost, 0) : nil
  }
}
