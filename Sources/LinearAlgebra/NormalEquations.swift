import Kernels

/// What a ridge regression of a linear layer towards its old parameters solves: (XᵀX + λI)·Δ = XᵀR, with
/// R = Y − X·w₀ on centred data. The products are made once for all λ.
public struct NormalEquations: Sendable {
  private let old: LinearMap
  private let featureMeans: [Double]
  private let targetMeans: [Double]
  /// XᵀX, [features, features].
  private let gram: Matrix
  /// RᵀX, [outputs, features]: the layout in which LAPACK, columns first, wants XᵀR.
  private let rightHandSide: Matrix

  /// - Parameters:
  ///   - features: [samples, features].
  ///   - targets: [samples, outputs].
  public init(_ old: LinearMap, features: Matrix, targets: Matrix) throws {
    self.old = old
    featureMeans = features.columnMeans
    targetMeans = targets.columnMeans
    let x = features.adding(featureMeans, sign: -1)
    let residual = try targets.adding(targetMeans, sign: -1) - x.multiplied(by: old.weights)
    gram = try x.multiplied(by: x, transposingSelf: true)
    rightHandSide = try x.multiplied(by: residual, transposingSelf: true).transposed
  }

  /// - Parameter moments: of features and targets.
  public init(_ old: LinearMap, _ moments: PairedCovariance) throws {
    self.old = old
    featureMeans = moments.inputMeans
    targetMeans = moments.outputMeans
    gram = moments.inputs
    rightHandSide = try (moments.products - moments.inputs.multiplied(by: old.weights)).transposed
  }

  /// - Parameter penalty: λ relative to the mean of XᵀX's diagonal.
  /// - Returns: nil where the numbers do not allow a solution.
  public func solved(penalty: Double) throws -> LinearMap? {
    let size = gram.rows
    let lambda = max(penalty * gram.trace / Double(max(size, 1)), 1e-12)
    var regularized = gram
    regularized.addToDiagonal(lambda)
    guard let step = try regularized.solvedSymmetric(rightHandSide) else { return nil }
    let weights = Matrix(
      rows: old.weights.rows, columns: old.weights.columns, sums(old.weights.values, step.transposed.values))
    let means = try Matrix(rows: 1, columns: size, featureMeans).multiplied(by: weights)
    return LinearMap(weights: weights, bias: zip(targetMeans, means.values).map(-))
  }
}
