import Kernels

/// Ridge regression of a linear layer towards its old parameters: w = w₀ + (XᵀX + λI)⁻¹Xᵀ(Y − X·w₀), on
/// centred data, the bias following from the means (Hoerl and Kennard, 1970, with w₀ as origin).
enum RidgeRefit {
  struct Fit: Sendable {
    var map: LinearMap
    /// Mean squared error on samples that the fit for this choice of λ did not see, relative to the variance
    /// of the targets.
    var distortion: Double
    /// The same with the old parameters.
    var distortionBefore: Double
  }

  private static let relativePenalties = [1e-3, 1e-2, 1e-1, 1, 10]

  /// Chooses λ on the last quarter of the samples, then fits on all; nil where that is worse than the old
  /// parameters, where there are too few samples, or where the numbers do not allow it.
  static func fit(_ old: LinearMap, features: Matrix, targets: Matrix) throws -> Fit? {
    guard features.rows >= 16, features.isFinite, targets.isFinite
    else { return nil }
    let cut = features.rows * 3 / 4
    let (seen, unseen) = (0..<cut, cut..<features.rows)
    let before = try distortion(of: old, features.rows(unseen), targets.rows(unseen))
    var best: (penalty: Double, distortion: Double)?
    for penalty in relativePenalties {
      guard let map = try solve(old, features.rows(seen), targets.rows(seen), penalty) else { continue }
      let distortion = try distortion(of: map, features.rows(unseen), targets.rows(unseen))
      if distortion.isFinite, distortion < best?.distortion ?? before { best = (penalty, distortion) }
    }
    guard let best, let map = try solve(old, features, targets, best.penalty) else { return nil }
    return Fit(map: map, distortion: best.distortion, distortionBefore: before)
  }

  /// Mean squared error relative to the variance of the targets.
  static func distortion(of map: LinearMap, _ features: Matrix, _ targets: Matrix) throws -> Double {
    try distortion(map.applied(to: features), from: targets)
  }

  static func distortion(_ outputs: Matrix, from targets: Matrix) -> Double {
    let variance = targets.adding(targets.columnMeans, sign: -1).sumOfSquares
    let error = (outputs - targets).sumOfSquares
    return variance > 0 ? error / variance : (error == 0 ? 0 : .infinity)
  }

  /// - Parameter penalty: λ relative to the mean of XᵀX's diagonal.
  private static func solve(
    _ old: LinearMap, _ features: Matrix, _ targets: Matrix, _ penalty: Double
  ) throws -> LinearMap? {
    let (featureMeans, targetMeans) = (features.columnMeans, targets.columnMeans)
    let x = features.adding(featureMeans, sign: -1)
    let residual = try targets.adding(targetMeans, sign: -1) - x.multiplied(by: old.weights)
    var gram = try x.multiplied(by: x, transposingSelf: true)
    let size = gram.rows
    let trace = (0..<size).reduce(0) { $0 + gram.values[$1 * size + $1] }
    let lambda = max(penalty * trace / Double(max(size, 1)), 1e-12)
    for index in 0..<size { gram.values[index * size + index] += lambda }
    // LAPACK wants columns first: the transposed right-hand side has that layout.
    var rightHandSide = try x.multiplied(by: residual, transposingSelf: true).transposed
    guard try solveSymmetric(&gram, &rightHandSide) else { return nil }
    let step = rightHandSide.transposed
    let weights = Matrix(
      rows: old.weights.rows, columns: old.weights.columns, sums(old.weights.values, step.values))
    let means = try Matrix(rows: 1, columns: size, featureMeans).multiplied(by: weights)
    return LinearMap(weights: weights, bias: zip(targetMeans, means.values).map(-))
  }

  /// Cholesky (LAPACK `dposv`): overwrites both; false where the matrix is not positive definite.
  private static func solveSymmetric(_ gram: inout Matrix, _ rightHandSide: inout Matrix) throws -> Bool {
    var size = Int32(gram.rows)
    var columns = Int32(rightHandSide.rows)
    var (leadingA, leadingB) = (size, size)
    var info: Int32 = 0
    var triangle = CChar(UInt8(ascii: "U"))
    try LinearAlgebra.shared.get().solveSymmetric(
      &triangle, &size, &columns, &gram.values, &leadingA, &rightHandSide.values, &leadingB, &info)
    return info == 0
  }
}
