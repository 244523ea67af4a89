import COpenBLAS
import GraphIR

/// Row-major.
struct Matrix: Sendable {
  let rows: Int
  let columns: Int
  var values: [Double]

  init(rows: Int, columns: Int, _ values: [Double]) {
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows, [Double](repeating: 0, count: values.count))
    for row in 0..<rows {
      for column in 0..<columns { result.values[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      Array(values[(range.lowerBound * columns)..<(range.upperBound * columns)]))
  }

  var columnMeans: [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += values[row * columns + column] }
    }
    return sums.map { $0 / Double(max(rows, 1)) }
  }

  func subtracting(columns means: [Double]) -> Matrix {
    var result = self
    for index in values.indices { result.values[index] -= means[index % columns] }
    return result
  }

  /// self · other, or selfᵀ · other.
  func multiplied(by other: Matrix, transposingSelf: Bool = false) -> Matrix {
    let (m, k) = transposingSelf ? (columns, rows) : (rows, columns)
    var result = Matrix(rows: m, columns: other.columns, [Double](repeating: 0, count: m * other.columns))
    guard m > 0, k > 0, other.columns > 0 else { return result }
    cblas_dgemm(
      CblasRowMajor, transposingSelf ? CblasTrans : CblasNoTrans, CblasNoTrans, Int32(m), Int32(other.columns),
      Int32(k), 1, values, Int32(columns), other.values, Int32(other.columns), 0, &result.values,
      Int32(other.columns))
    return result
  }
}

/// y = x·weights + bias.
struct LinearMap: Sendable {
  /// [inputs, outputs]
  var weights: Matrix
  var bias: [Double]

  func applied(to inputs: Matrix) -> Matrix {
    var result = inputs.multiplied(by: weights)
    for index in result.values.indices { result.values[index] += bias[index % bias.count] }
    return result
  }
}

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
  static func fit(_ old: LinearMap, features: Matrix, targets: Matrix) -> Fit? {
    guard features.rows >= 16, features.values.allSatisfy(\.isFinite), targets.values.allSatisfy(\.isFinite)
    else { return nil }
    let cut = features.rows * 3 / 4
    let (seen, unseen) = (0..<cut, cut..<features.rows)
    let before = distortion(of: old, features.rows(unseen), targets.rows(unseen))
    var best: (penalty: Double, distortion: Double)?
    for penalty in relativePenalties {
      guard let map = solve(old, features.rows(seen), targets.rows(seen), penalty) else { continue }
      let distortion = distortion(of: map, features.rows(unseen), targets.rows(unseen))
      if distortion.isFinite, distortion < best?.distortion ?? before { best = (penalty, distortion) }
    }
    guard let best, let map = solve(old, features, targets, best.penalty) else { return nil }
    return Fit(map: map, distortion: best.distortion, distortionBefore: before)
  }

  /// Mean squared error relative to the variance of the targets.
  static func distortion(of map: LinearMap, _ features: Matrix, _ targets: Matrix) -> Double {
    distortion(map.applied(to: features), from: targets)
  }

  static func distortion(_ outputs: Matrix, from targets: Matrix) -> Double {
    let centred = targets.subtracting(columns: targets.columnMeans)
    let variance = centred.values.reduce(0) { $0 + $1 * $1 }
    let error = zip(outputs.values, targets.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return variance > 0 ? error / variance : (error == 0 ? 0 : .infinity)
  }

  /// - Parameter penalty: λ relative to the mean of XᵀX's diagonal.
  private static func solve(
    _ old: LinearMap, _ features: Matrix, _ targets: Matrix, _ penalty: Double
  ) -> LinearMap? {
    let (featureMeans, targetMeans) = (features.columnMeans, targets.columnMeans)
    let x = features.subtracting(columns: featureMeans)
    let residual = Matrix(
      rows: targets.rows, columns: targets.columns,
      zip(targets.subtracting(columns: targetMeans).values, x.multiplied(by: old.weights).values).map(-))
    var gram = x.multiplied(by: x, transposingSelf: true)
    let size = gram.rows
    let trace = (0..<size).reduce(0) { $0 + gram.values[$1 * size + $1] }
    let lambda = max(penalty * trace / Double(max(size, 1)), 1e-12)
    for index in 0..<size { gram.values[index * size + index] += lambda }
    // LAPACK wants columns first: the transposed right-hand side has that layout.
    var rightHandSide = x.multiplied(by: residual, transposingSelf: true).transposed
    guard solveSymmetric(&gram, &rightHandSide) else { return nil }
    let step = rightHandSide.transposed
    let weights = Matrix(
      rows: old.weights.rows, columns: old.weights.columns, zip(old.weights.values, step.values).map(+))
    let means = Matrix(rows: 1, columns: size, featureMeans).multiplied(by: weights)
    return LinearMap(weights: weights, bias: zip(targetMeans, means.values).map(-))
  }

  /// Cholesky (LAPACK `dposv`): overwrites both; false where the matrix is not positive definite.
  private static func solveSymmetric(_ gram: inout Matrix, _ rightHandSide: inout Matrix) -> Bool {
    var size = Int32(gram.rows)
    var columns = Int32(rightHandSide.rows)
    var (leadingA, leadingB) = (size, size)
    var info: Int32 = 0
    var triangle = CChar(UInt8(ascii: "U"))
    dposv_(&triangle, &size, &columns, &gram.values, &leadingA, &rightHandSide.values, &leadingB, &info)
    return info == 0
  }
}
