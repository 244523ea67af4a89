import Journal
import LinearAlgebra

/// How much worse a variant is, for each sample.
struct TrialLosses: Recordable {
  /// With the last layer refitted.
  private(set) var repaired: [Double] = []
  private(set) var bare: [Double] = []

  init() {}

  init(repaired: [Double], bare: [Double]) {
    self.repaired = repaired
    self.bare = bare
  }

  static func += (losses: inout TrialLosses, new: TrialLosses) {
    losses.repaired += new.repaired
    losses.bare += new.bare
  }

  var columns: [[Double]] { [repaired, bare] }

  init?(columns: [[Double]]) {
    guard columns.count == 2, columns[0].count == columns[1].count else { return nil }
    self.init(repaired: columns[0], bare: columns[1])
  }

  var summary: (value: Double, standardError: Double)? {
    let loss = PairedLoss(repaired)
    return (loss.mean, loss.standardError)
  }
}

/// A last layer's new parameters, or that the old ones are as good.
struct RecordedFit: Recordable {
  let fit: RidgeRefit.Fit?

  init(fit: RidgeRefit.Fit?) { self.fit = fit }

  var columns: [[Double]] {
    fit.map { [$0.map.weights.values, $0.map.bias, [$0.distortion, $0.distortionBefore]] } ?? []
  }

  init?(columns: [[Double]]) {
    guard !columns.isEmpty else {
      fit = nil
      return
    }
    guard columns.count == 3, columns[2].count == 2, !columns[1].isEmpty,
      columns[0].count % columns[1].count == 0
    else { return nil }
    let (weights, bias) = (columns[0], columns[1])
    let matrix = Matrix(rows: weights.count / bias.count, columns: bias.count, weights)
    fit = RidgeRefit.Fit(
      map: LinearMap(weights: matrix, bias: bias), distortion: columns[2][0], distortionBefore: columns[2][1])
  }

  /// The squared error that is left, relative to the variance.
  var summary: (value: Double, standardError: Double)? { fit.map { ($0.distortion, 0) } }
}
