import LinearAlgebra

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
    let equations = try NormalEquations(old, features: features.rows(seen), targets: targets.rows(seen))
    var best: (penalty: Double, distortion: Double)?
    for penalty in relativePenalties {
      guard let map = try equations.solved(penalty: penalty) else { continue }
      let distortion = try distortion(of: map, features.rows(unseen), targets.rows(unseen))
      if distortion.isFinite, distortion < best?.distortion ?? before { best = (penalty, distortion) }
    }
    guard let best else { return nil }
    let all = try NormalEquations(old, features: features, targets: targets)
    guard let map = try all.solved(penalty: best.penalty) else { return nil }
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
}
