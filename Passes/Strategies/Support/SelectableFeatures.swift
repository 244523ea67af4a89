import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// A linear model and the moments of the table that it alone reads.
struct LinearTable {
  let node: NodeID
  let table: ValueID
  let scores: LinearScores
  let parts: [Range<Int>]
  private(set) var rows = 0
  private(set) var sums: [Double]
  private(set) var products: Matrix
  private(set) var isSound = true

  private static let mostColumns = 1024
  private static let operators = ["LinearClassifier", "LinearRegressor"]

  init?(_ node: NodeID, in model: Model) {
    let name = model.operatorName(of: node)
    guard name.domain == "ai.onnx.ml", Self.operators.contains(name.name),
      let table = model.input(0, of: node), let shape = model.shape(of: table), shape.rank == 2,
      let width = shape[1].fixedSize, (2...Self.mostColumns).contains(width),
      let scores = LinearScores(node, width, in: model),
      (scores.coefficients + scores.intercepts).allSatisfy(\.isFinite)
    else { return nil }
    let parts = NarrowedTable.parts(of: table, in: model)
    guard parts.count > 1 else { return nil }
    self.node = node
    self.table = table
    self.scores = scores
    self.parts = parts
    sums = [Double](repeating: 0, count: width)
    products = Matrix(rows: width, columns: width, [Double](repeating: 0, count: width * width))
  }

  /// - Throws: `ModelError` without BLAS.
  mutating func add(_ tensor: Tensor) throws {
    guard isSound, let batch = Matrix(tensor), batch.columns == scores.columns, batch.isFinite else {
      isSound = false
      return
    }
    guard batch.rows > 0 else { return }
    try products.addGram(of: batch)
    for (column, mean) in batch.columnMeans.enumerated() { sums[column] += mean * Double(batch.rows) }
    rows += batch.rows
  }
}

/// A linear model of which some columns can go.
struct SelectableFeatures: ReducibleNode {
  let node: NodeID
  private let width: Int
  /// After the first so many parts of the order have gone, from none: the squared error of the scores relative to their
  /// variance.
  private var errors: [Double] = [0]
  private let table: ValueID
  private let scores: LinearScores
  private var order: [Range<Int>] = []
  private let means: [Double]
  /// Σ (x − mean)(x − mean)ᵀ + λI
  private let covariance: Matrix
  /// [scores, columns]
  private let weights: Matrix

  private static let leastRows = 32

  /// - Returns: nil where rows are too few, or scores do not vary.
  init?(_ linear: LinearTable) throws {
    guard linear.isSound, linear.rows >= Self.leastRows else { return nil }
    let rows = Double(linear.rows)
    (node, table, scores, width) = (linear.node, linear.table, linear.scores, linear.scores.columns)
    let means = linear.sums.map { $0 / rows }
    self.means = means
    weights = Matrix(rows: scores.scores, columns: width, scores.coefficients.map(Double.init))
    var matrix = linear.products.mirroringUpperTriangle()
    subtractOuterProduct(means, means, factor: rows, from: &matrix.values)
    let variation = try Self.variation(of: weights, matrix)
    // Few rows tell less than they seem to.
    let damping = (1e-5 + 0.01 * Double(width) / rows) * matrix.trace / Double(width)
    matrix.addToDiagonal(max(damping, .leastNormalMagnitude))
    covariance = matrix
    guard variation.isFinite, variation > 0,
      let inverse = try matrix.solvedSymmetric(Matrix(identity: width)), inverse.isFinite
    else { return nil }
    giveUp(linear.parts, ColumnElimination(inverse: inverse, weights: weights.transposed), variation)
    guard !order.isEmpty else { return nil }
  }

  private static func variation(of weights: Matrix, _ covariance: Matrix) throws -> Double {
    let products = try weights.multiplied(by: covariance)
    return innerProduct(products.values, weights.values)
  }

  /// Gives up part after part, the one that costs least, down to one.
  private mutating func giveUp(_ parts: [Range<Int>], _ start: ColumnElimination, _ variation: Double) {
    var (elimination, left, total) = (start, parts, 0.0)
    while left.count > 1 {
      let costs = left.map { elimination.cost(of: Array($0)) }
      guard let place = costs.indices.min(by: { (costs[$0], $0) < (costs[$1], $1) }), costs[place].isFinite,
        let cost = elimination.eliminate(Array(left[place]))
      else { return }
      total += cost
      order.append(left.remove(at: place))
      errors.append(total / variation)
    }
  }

  /// How many parts have gone after each step.
  private var counts: [Int] {
    let steps = min(order.count, ReductionSchedule.mostSteps)
    return (1...steps).map { $0 * order.count / steps }
  }

  var steps: [ReductionStep] {
    var left = width
    return counts.map { count in
      let next = width - order.prefix(count).joined().count
      defer { left = next }
      return ReductionStep(
        title: "\(next) of \(width) columns", predictedError: errors[count],
        share: Double(left - next) / Double(width))
    }
  }

  /// - Throws: `ModelError` where coefficients cannot be fitted, before the first edit.
  func apply(_ count: Int, to model: inout Model) throws {
    let gone = Set(order.prefix(counts[count - 1]).joined())
    let kept = (0..<width).filter { !gone.contains($0) }
    guard let narrowed = NarrowedTable(table, keeping: Set(kept), in: model), narrowed.columns == kept,
      let (coefficients, intercepts) = try fitted(to: kept)
    else { throw ModelError("cannot do without some of its columns", node: model.label(of: node)) }
    let attributes = model.attributes(of: node)
      .setting("coefficients", to: .floats(coefficients)).setting("intercepts", to: .floats(intercepts))
    model.edit(as: FeatureSelection.name) { rewriter in
      let old = rewriter.model.producer(of: table)
      rewriter.setInputs(of: node, to: [narrowed.insert(before: node, with: &rewriter)])
      rewriter.setAttributes(of: node, to: attributes)
      if let old { rewriter.eraseIfDead(old) }
    }
  }

  /// Least squares: W′ = W · C[:, kept] · C[kept, kept]⁻¹, and intercepts that keep the means.
  private func fitted(to kept: [Int]) throws -> (coefficients: [Float], intercepts: [Float])? {
    let right = try weights.multiplied(
      by: covariance.selecting(rows: Array(0..<width), columns: kept))
    guard let solution = try covariance.selecting(rows: kept, columns: kept).solvedSymmetric(right) else {
      return nil
    }
    let intercepts = (0..<scores.scores).map { score in
      let before = (0..<width).reduce(0) { $0 + weights.values[score * width + $1] * means[$1] }
      let after = kept.indices.reduce(0) { $0 + solution.values[score * kept.count + $1] * means[kept[$1]] }
      return Float(Double(scores.intercepts[score]) + before - after)
    }
    let coefficients = solution.values.map { Float($0) }
    return (coefficients + intercepts).allSatisfy(\.isFinite) ? (coefficients, intercepts) : nil
  }
}
