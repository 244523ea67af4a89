import GraphIR
import Kernels
import LinearAlgebra

/// A support vector machine of which some vectors can go.
struct PrunableVectors: ReducibleNode {
  let node: NodeID
  private let vectors: SupportVectors
  private let scores: [VectorScore]
  private let means: [Double]
  private var order: [Int32] = []
  /// For each number of vectors given up: the squared error of the scores relative to their variance, on the mean.
  private var errors: [Double] = [0]
  private let fewest: Int

  private static let leastRows = 32

  /// - Returns: nil where rows are too few, or no score varies.
  init?(_ observed: ObservedVectors) throws {
    guard observed.isSound, observed.rows >= Self.leastRows else { return nil }
    let (means, covariance) = observed.moments
    (node, vectors, self.means) = (observed.node, observed.vectors, means)
    scores = try observed.vectors.scores.map {
      try VectorScore($0, of: observed.vectors, covariance, rows: observed.rows)
    }
    let kept = Self.kept(of: observed.vectors)
    fewest = kept.count
    let varying = scores.filter { $0.variation > 0 }
    let readers = try varying.compactMap { try $0.reader(of: varying.count) }
    guard !varying.isEmpty, readers.count == varying.count,
      scores.allSatisfy({ $0.variation.isFinite && $0.covariance.isFinite })
    else { return nil }
    let units = (0..<Int32(vectors.count)).filter { !kept.contains($0) }
    var elimination = UnitElimination(units, readers: readers)
    elimination.run(downTo: 0)
    guard !elimination.order.isEmpty else { return nil }
    (order, errors) = (elimination.order, elimination.errors)
  }

  /// The vector of each class that counts most.
  private static func kept(of vectors: SupportVectors) -> Set<Int32> {
    let height = vectors.coefficients.count / vectors.count
    func weight(_ vector: Int) -> Float {
      (0..<height).reduce(0) { $0 + abs(vectors.coefficients[$1 * vectors.count + vector]) }
    }
    return Set(vectors.parts.compactMap { part in part.max { weight($0) < weight($1) }.map { Int32($0) } })
  }

  /// How many vectors are left after each step.
  private var keptCounts: [Int] {
    ReductionSchedule.counts(from: vectors.count, to: fewest).filter { vectors.count - $0 <= order.count }
  }

  var steps: [ReductionStep] {
    var left = vectors.count
    return keptCounts.map { next in
      defer { left = next }
      return ReductionStep(
        title: "\(next) of \(vectors.count) support vectors", predictedError: errors[vectors.count - next],
        share: Double(left - next) / Double(vectors.count))
    }
  }

  /// - Throws: `ModelError` where coefficients cannot be fitted, before the first edit.
  func apply(_ count: Int, to model: inout Model) throws {
    let gone = Set(order.prefix(vectors.count - keptCounts[count - 1]))
    let kept = (0..<vectors.count).filter { !gone.contains(Int32($0)) }
    let fitted = try zip(scores, vectors.constants).compactMap { score, constant in
      try score.fitted(to: Set(kept), means).map {
        (coefficients: $0.coefficients, constant: Double(constant) + $0.offset)
      }
    }
    guard fitted.count == scores.count, let changed = vectors.attributes(keeping: kept, fitted) else {
      throw ModelError("cannot do without some of its support vectors", node: model.label(of: node))
    }
    let attributes = changed.reduce(model.attributes(of: node)) { $0.setting($1.name, to: $1.value) }
    model.edit(as: SupportVectorPruning.name) { $0.setAttributes(of: node, to: attributes) }
  }
}

/// A score of a support vector machine: a linear function of what the kernel gives for some of the vectors.
private struct VectorScore: Sendable {
  private let vectors: [Int]
  private let weights: Matrix
  /// Σ (k − mean)(k − mean)ᵀ + λI, of `vectors`.
  let covariance: Matrix
  /// Σ |score − mean|²
  let variation: Double

  init(_ terms: [SupportVectors.ScoreTerm], of machine: SupportVectors, _ all: Matrix, rows: Int) throws {
    vectors = terms.map(\.vector)
    weights = Matrix(rows: 1, columns: terms.count, terms.map { machine.coefficient($0) })
    var own = all.selecting(rows: vectors, columns: vectors)
    variation = try innerProduct(weights.multiplied(by: own).values, weights.values)
    // Few rows tell less than they seem to.
    let damping = (1e-5 + 0.01 * Double(terms.count) / Double(rows)) * own.trace / Double(max(terms.count, 1))
    own.addToDiagonal(max(damping, .leastNormalMagnitude))
    covariance = own
  }

  /// Nil where the covariance is singular.
  /// - Parameter count: of scores.
  func reader(of count: Int) throws -> UnitElimination.Reader? {
    guard let inverse = try covariance.solvedSymmetric(Matrix(identity: vectors.count)), inverse.isFinite
    else { return nil }
    let columns = vectors.enumerated().map { (Int32($0.element), [$0.offset]) }
    return UnitElimination.Reader(
      elimination: ColumnElimination(inverse: inverse, weights: weights.transposed),
      columnsOf: Dictionary(columns) { $0 + $1 }, scale: variation * Double(count))
  }

  /// Least squares: w′ = w · C[:, kept] · C[kept, kept]⁻¹, and what the others gave on the mean.
  func fitted(to kept: Set<Int>, _ means: [Double]) throws -> (coefficients: [Double], offset: Double)? {
    let places = vectors.indices.filter { kept.contains(vectors[$0]) }
    func mean(_ weights: [Double], _ vectors: [Int]) -> Double {
      zip(weights, vectors).reduce(0) { $0 + $1.0 * means[$1.1] }
    }
    let before = mean(weights.values, vectors)
    guard !places.isEmpty, places.count < vectors.count else {
      return (places.isEmpty ? [] : weights.values, places.isEmpty ? before : 0)
    }
    let right = try weights.multiplied(
      by: covariance.selecting(rows: Array(vectors.indices), columns: places))
    guard
      let solution = try covariance.selecting(rows: places, columns: places).solvedSymmetric(right),
      solution.isFinite
    else { return nil }
    return (solution.values, before - mean(solution.values, places.map { vectors[$0] }))
  }
}
