import GraphAnalysis
import GraphIR
import TensorCore

/// What each tree of an ensemble adds to the scores of calibration rows.
struct TreeContributions: Sendable {
  /// What one tree adds to one target, row by row.
  struct Column: Sendable {
    /// Its place in `targets`.
    let target: Int
    var values: [Double] = []
  }

  /// That some leaf has a weight for, in order.
  let targets: [Int]
  /// By tree.
  private(set) var columns: [[Column]]
  private(set) var rowCount = 0
  private let places: [Int: Int]
  private let mostRows: Int

  /// - Parameter mostNumbers: the contributions that are held at most.
  init(_ trees: [DecisionTree], mostNumbers: Int) {
    let ofTrees = trees.map { tree in
      tree.weightedTargets.sorted()
    }
    targets = Set(ofTrees.joined()).sorted()
    let places = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($0.element, $0.offset) })
    self.places = places
    columns = ofTrees.map { $0.compactMap { places[$0].map { Column(target: $0) } } }
    let columnCount = columns.reduce(0) { $0 + $1.count }
    mostRows = mostNumbers / max(columnCount, trees.count, 1)
  }

  /// - Parameter table: [rows, features].
  /// - Returns: false where the trees cannot be followed: another shape, a feature that is not there, weights that
  ///   are no numbers.
  mutating func add(_ table: Tensor, through trees: [DecisionTree]) throws -> Bool {
    guard table.rank == 2, table.elementType.numericFormat != nil else { return false }
    let features = table.dimensions[1]
    let rows = min(table.dimensions[0], max(mostRows - rowCount, 0))
    let values = try table.doubles()
    for row in 0..<rows {
      let cells = values[row * features..<(row + 1) * features]
      for (index, tree) in trees.enumerated() {
        guard let leaf = tree.leaf(for: cells), add(leaf.weights, of: index) else { return false }
      }
      rowCount += 1
    }
    return true
  }

  private mutating func add(_ leaf: [TargetWeight], of tree: Int) -> Bool {
    for column in columns[tree].indices { columns[tree][column].values.append(0) }
    for weight in leaf {
      guard weight.weight.isFinite, let target = places[weight.target],
        let column = columns[tree].firstIndex(where: { $0.target == target })
      else { return false }
      columns[tree][column].values[rowCount] += weight.weight
    }
    return true
  }

  /// The sum of what some trees add, [targets, rows].
  func sum(of trees: [Int]) -> [Double] {
    var sum = [Double](repeating: 0, count: targets.count * rowCount)
    for tree in trees {
      for column in columns[tree] {
        let start = column.target * rowCount
        for row in 0..<rowCount { sum[start + row] += column.values[row] }
      }
    }
    return sum
  }

  /// Σ over rows and targets of what the tree adds times `scores`, [targets, rows].
  func product(of tree: Int, with scores: [Double]) -> Double {
    scores.withUnsafeBufferPointer { scores in
      columns[tree].reduce(0) { sum, column in
        let start = column.target * rowCount
        return column.values.withUnsafeBufferPointer { values in
          var sum = sum
          for row in 0..<rowCount { sum += values[row] * scores[start + row] }
          return sum
        }
      }
    }
  }

  /// Subtracts from every column its mean.
  func centered() -> TreeContributions {
    var result = self
    for tree in columns.indices {
      for column in columns[tree].indices {
        let values = columns[tree][column].values
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        result.columns[tree][column].values = values.map { $0 - mean }
      }
    }
    return result
  }
}

extension DecisionTree {
  var weightedTargets: Set<Int> {
    reachableNodes().reduce(into: []) { targets, index in
      if case .leaf(let weights) = nodes[index] { targets.formUnion(weights.map(\.target)) }
    }
  }

  var hasNegativeWeight: Bool {
    reachableNodes().contains { index in
      if case .leaf(let weights) = nodes[index] { weights.contains { $0.weight < 0 } } else { false }
    }
  }

  /// The leaf that a row reaches; nil where it lacks a feature.
  func leaf(for row: ArraySlice<Double>) -> (index: Int, weights: [TargetWeight])? {
    var index = root
    while true {
      switch nodes[index] {
      case .leaf(let weights): return (index: index, weights: weights)
      case .branch(let branch):
        guard row.indices.contains(row.startIndex + branch.feature) else { return nil }
        let value = row[row.startIndex + branch.feature]
        index = branch.takesTrueSide(value) ? branch.whenTrue : branch.whenFalse
      }
    }
  }
}

extension DecisionBranch {
  fileprivate func takesTrueSide(_ value: Double) -> Bool {
    if value.isNaN, missingIsTrue { return true }
    switch comparison {
    case .lessOrEqual: return value <= threshold
    case .less: return value < threshold
    case .greaterOrEqual: return value >= threshold
    case .greater: return value > threshold
    case .equal: return value == threshold
    case .notEqual: return value != threshold
    case .member: return members.contains(value)
    }
  }
}
