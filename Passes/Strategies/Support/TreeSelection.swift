/// The order in which trees are worth keeping: each next one brings the sum of those kept, scaled, closest to the sum
/// of all on calibration rows (greedy forward selection; Caruana et al., "Ensemble Selection from Libraries of Models",
/// 2004).
///
/// With f what all trees add, p what the kept ones add, and the factor a of least squares, the error that is left is
/// ‖f − a·p‖² = ‖f‖² − (f·p)² / ‖p‖². It needs only products with sums, which are kept up to date. O(trees² · rows).
struct TreeSelection: Sendable {
  /// Best first.
  private(set) var order: [Int] = []
  /// With the first so many trees of the order, from none to all: the squared error relative to the variance.
  private(set) var errors: [Double] = [1]

  private let contributions: TreeContributions
  private let fit: TreeFit
  private var sum: TreeSum
  private var ofTrees: [TreeSum]

  /// - Returns: nil where the ensemble gives the same for every row, so that nothing can be compared.
  init?(_ contributions: TreeContributions, _ fit: TreeFit) {
    let all = contributions.sum(of: Array(contributions.columns.indices))
    let square = all.reduce(0) { $0 + $1 * $1 }
    let tiny =
      1e-12
      * contributions.columns.indices.reduce(0) { sum, tree in
        sum + contributions.columns[tree].reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }
      }
    guard square.isFinite, square > tiny, square > 0 else { return nil }
    self.contributions = contributions
    self.fit = fit
    sum = TreeSum()
    ofTrees = contributions.columns.indices.map { tree in
      let columns = contributions.columns[tree]
      return TreeSum(
        withAll: contributions.product(of: tree, with: all),
        square: columns.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } },
        mass: columns.reduce(0) { $0 + $1.values.reduce(0, +) })
    }
    select(total: TreeSum(withAll: square, square: square, mass: all.reduce(0, +)))
  }

  private mutating func select(total: TreeSum) {
    var left = Array(contributions.columns.indices)
    var withSum = [Double](repeating: 0, count: left.count)
    while !left.isEmpty {
      let errors = left.map { fit.error(of: sum.adding(ofTrees[$0], product: withSum[$0]), total) }
      // Among equals the first tree, which boosting made for most of the rows.
      guard let place = errors.indices.min(by: { (errors[$0], $0) < (errors[$1], $1) }) else { return }
      let tree = left.remove(at: place)
      sum = sum.adding(ofTrees[tree], product: withSum[tree])
      let added = contributions.sum(of: [tree])
      for other in left { withSum[other] += contributions.product(of: other, with: added) }
      order.append(tree)
      self.errors.append(left.isEmpty ? 0 : max(errors[place] / total.square, 0))
    }
  }
}

/// What the error of some trees depends on.
struct TreeSum: Sendable {
  /// f·p
  var withAll = 0.0
  /// ‖p‖²
  var square = 0.0
  /// Σ p
  var mass = 0.0

  /// - Parameter product: of both.
  func adding(_ other: TreeSum, product: Double) -> TreeSum {
    TreeSum(
      withAll: withAll + other.withAll, square: square + 2 * product + other.square, mass: mass + other.mass)
  }
}

/// How kept trees are scaled to stand for all.
enum TreeFit: Sendable {
  /// The factor of least squares.
  case leastSquares
  /// The factor that keeps the mean, for weights that are shares: scores go on to sum to 1.
  case keepsMass

  /// a; 1 where the trees tell nothing.
  func factor(of sum: TreeSum, _ total: TreeSum) -> Double {
    let factor =
      switch self {
      case .leastSquares: sum.withAll / sum.square
      case .keepsMass: total.mass / sum.mass
      }
    return factor.isFinite && factor > 0 ? factor : 1
  }

  /// ‖f − a·p‖²
  func error(of sum: TreeSum, _ total: TreeSum) -> Double {
    let factor = factor(of: sum, total)
    return total.square - 2 * factor * sum.withAll + factor * factor * sum.square
  }
}
