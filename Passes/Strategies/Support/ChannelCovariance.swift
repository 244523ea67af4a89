import Kernels
import LinearAlgebra

/// How the columns that a layer reads vary together on calibration data, and what follows for its weights.
struct ChannelCovariance: Sendable {
  let layer: ChannelLayer
  /// Of the columns; zeros where the layer has no bias, since then the constant part counts as well.
  let means: [Double]
  /// Σ (x − mean)(x − mean)ᵀ + λI, [columns, columns].
  let matrix: Matrix
  /// Σ |y − mean|² of the layer's output, or of the residual sum that it goes into.
  let variation: Double

  /// - Parameter matrix: without λ.
  init?(layer: ChannelLayer, means: [Double], matrix: Matrix, rows: Int, sumVariance: Double?) {
    self.layer = layer
    self.means = means
    // Few rows tell less than they seem to; λ keeps fitted weights near the old ones.
    let damping = 1e-5 + 0.01 * Double(layer.columns) / Double(max(rows, 1))
    guard let products = try? layer.weights.multiplied(by: matrix) else { return nil }
    variation =
      sumVariance.map { $0 * Double(rows) } ?? innerProduct(products.values, layer.weights.values)
    var damped = matrix
    let scale = matrix.trace / Double(max(layer.columns, 1))
    guard scale.isFinite, variation.isFinite else { return nil }
    damped.addToDiagonal(max(damping * scale, .leastNormalMagnitude))
    self.matrix = damped
  }

  /// Nil where it is singular in floating point.
  func inverse() -> Matrix? {
    guard let inverse = try? matrix.solvedSymmetric(Matrix(identity: matrix.rows)), inverse.isFinite else {
      return nil
    }
    return inverse
  }

  /// The columns of these channels.
  func columns(where isChosen: (Int32) -> Bool) -> [Int] {
    layer.channels.indices.filter { isChosen(layer.channels[$0]) }
      .flatMap { ($0 * layer.taps)..<(($0 + 1) * layer.taps) }
  }

  /// The weights that come closest to the layer's outputs from the columns `kept` alone, the others zero; and what
  /// the others gave on average.
  ///
  /// Least squares: W′ = W · C[:, kept] · C[kept, kept]⁻¹.
  func fitted(to kept: [Int]) throws -> (weights: Matrix, offset: [Double])? {
    let all = Array(0..<layer.columns)
    let right = try layer.weights.multiplied(by: matrix.selecting(rows: all, columns: kept))
    guard let solution = try matrix.selecting(rows: kept, columns: kept).solvedSymmetric(right),
      solution.isFinite
    else { return nil }
    var weights = Matrix(
      rows: layer.outputs, columns: layer.columns, [Double](repeating: 0, count: layer.weights.values.count))
    scatterColumns(solution.values, to: kept, of: &weights.values, columns: layer.columns)
    let mean = Matrix(rows: layer.columns, columns: 1, means)
    return (weights, try (layer.weights - weights).multiplied(by: mean).values)
  }
}
