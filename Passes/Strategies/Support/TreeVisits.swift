import GraphAnalysis
import TensorCore

/// How many calibration rows reach each leaf of an ensemble, and how far their scores vary.
struct TreeVisits: Sendable {
  private(set) var rowCount = 0
  private let mostRows: Int
  /// By tree, then by node.
  private var counts: [[Int]]
  /// Where in `sums` a target is.
  private let places: [Int: Int]
  /// Of scores, and of their squares.
  private var sums: [Double]
  private var squares: [Double]

  init(_ trees: [DecisionTree], mostRows: Int) {
    self.mostRows = mostRows
    counts = trees.map { [Int](repeating: 0, count: $0.nodes.count) }
    let targets = trees.reduce(into: Set<Int>()) { $0.formUnion($1.weightedTargets) }.sorted()
    places = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($0.element, $0.offset) })
    sums = [Double](repeating: 0, count: targets.count)
    squares = sums
  }

  /// - Parameter table: [rows, features].
  /// - Returns: false where the trees cannot be followed: another shape, a feature that is not there.
  mutating func add(_ table: Tensor, through trees: [DecisionTree]) throws -> Bool {
    guard table.rank == 2, table.elementType.numericFormat != nil else { return false }
    let features = table.dimensions[1]
    let rows = min(table.dimensions[0], max(mostRows - rowCount, 0))
    let values = try table.doubles()
    for row in 0..<rows {
      var scores = [Double](repeating: 0, count: sums.count)
      for (index, tree) in trees.enumerated() {
        guard let leaf = tree.leaf(for: values[row * features..<(row + 1) * features]) else { return false }
        counts[index][leaf.index] += 1
        for weight in leaf.weights {
          if let place = places[weight.target] { scores[place] += weight.weight }
        }
      }
      for (place, score) in scores.enumerated() {
        sums[place] += score
        squares[place] += score * score
      }
      rowCount += 1
    }
    return true
  }

  /// Σ over rows and targets of the squared distance from the mean; nil where nothing varies, or no number tells.
  var variation: Double? {
    let rows = Double(rowCount)
    let terms = zip(sums, squares).map { $1 - $0 * $0 / rows }
    let variation = terms.reduce(0, +)
    let tiny = 1e-12 * squares.reduce(0, +)
    return variation.isFinite && variation > max(tiny, 0) ? variation : nil
  }

  /// How many rows each leaf of a tree stands for, `rowCount` in all; by node.
  ///
  /// Data to come reaches leaves that no calibration row has reached, in all about as often as calibration rows were the
  /// only ones in their leaf (Good, "The Population Frequencies of Species and the Estimation of Population
  /// Parameters", 1953). That part, half at most, is theirs in equal shares; the others have theirs of the rest.
  func masses(ofTree index: Int, leaves: [Int]) -> [Double] {
    let counts = counts[index]
    let unseen = leaves.count { counts[$0] == 0 }
    let rows = Double(rowCount)
    let single = Double(leaves.count { counts[$0] == 1 })
    let ofUnseen = unseen == 0 ? 0 : min(max(single, 0.5), rows / 2)
    let factor = (rows - ofUnseen) / rows
    return counts.map { $0 == 0 ? ofUnseen / Double(max(unseen, 1)) : factor * Double($0) }
  }
}
