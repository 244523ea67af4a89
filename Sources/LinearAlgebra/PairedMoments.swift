import Kernels

/// First and second moments of pairs (x, y), gathered rows at a time: all that least squares asks of them.
public struct PairedMoments: Sendable {
  public let inputs: Int
  public let outputs: Int
  public private(set) var rows = 0
  private var sums: [Double]
  /// Σ zzᵀ with z = x ‖ y, in the upper triangle.
  private var products: Matrix

  public init(inputs: Int, outputs: Int) {
    let size = inputs + outputs
    (self.inputs, self.outputs) = (inputs, outputs)
    sums = [Double](repeating: 0, count: size)
    products = Matrix(rows: size, columns: size, [Double](repeating: 0, count: size * size))
  }

  /// - Parameters:
  ///   - x: [rows, inputs].
  ///   - y: [rows, outputs].
  /// - Throws: `ModelError` without BLAS.
  public mutating func add(_ x: Matrix, _ y: Matrix) throws {
    precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
    guard y.rows > 0 else { return }
    var joined = Matrix(
      rows: y.rows, columns: sums.count, [Double](repeating: 0, count: y.rows * sums.count))
    scatterColumns(x.values, to: Array(0..<inputs), of: &joined.values, columns: joined.columns)
    scatterColumns(
      y.values, to: Array(inputs..<inputs + outputs), of: &joined.values, columns: joined.columns)
    try products.addGram(of: joined)
    sums = Kernels.sums(sums, joined.columnMeans.map { $0 * Double(joined.rows) })
    rows += joined.rows
  }

  /// Of other pairs as well.
  public mutating func add(_ other: PairedMoments) {
    precondition(other.inputs == inputs && other.outputs == outputs)
    sums = Kernels.sums(sums, other.sums)
    products.values = Kernels.sums(products.values, other.products.values)
    rows += other.rows
  }

  /// Nil where there were no rows, or numbers that are not finite.
  public func centred() -> PairedCovariance? { PairedCovariance(rows, sums, products, inputs: inputs) }
}

/// How pairs (x, y) vary together, about their means.
public struct PairedCovariance: Sendable {
  public let rows: Int
  public let inputMeans: [Double]
  public let outputMeans: [Double]
  /// Σ (x − mean)(x − mean)ᵀ, [inputs, inputs].
  public let inputs: Matrix
  /// Σ (x − mean)(y − mean)ᵀ, [inputs, outputs].
  public let products: Matrix
  /// Σ (y − mean)², for each output.
  public let outputVariations: [Double]

  fileprivate init?(_ rows: Int, _ sums: [Double], _ upper: Matrix, inputs: Int) {
    guard rows > 0 else { return nil }
    let means = sums.map { $0 / Double(rows) }
    var all = upper.mirroringUpperTriangle()
    subtractOuterProduct(means, means, factor: Double(rows), from: &all.values)
    guard all.isFinite else { return nil }
    let (first, second) = (Array(0..<inputs), Array(inputs..<means.count))
    self.rows = rows
    inputMeans = Array(means[..<inputs])
    outputMeans = Array(means[inputs...])
    self.inputs = all.selecting(rows: first, columns: first)
    products = all.selecting(rows: first, columns: second)
    outputVariations = second.map { max(all.values[$0 * all.columns + $0], 0) }
  }

  /// Σ |y − mean|².
  public var variation: Double { outputVariations.reduce(0, +) }

  /// Σ |y − x·W − b|².
  public func squaredError(of map: LinearMap) throws -> Double {
    let spread = try inputs.multiplied(by: map.weights)
    let mean = try map.applied(to: Matrix(rows: 1, columns: inputMeans.count, inputMeans)).values
    let offset = sumOfSquares(differences(outputMeans, mean))
    return variation - 2 * innerProduct(map.weights.values, products.values)
      + innerProduct(map.weights.values, spread.values) + Double(rows) * offset
  }
}
