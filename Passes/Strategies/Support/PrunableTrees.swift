import GraphAnalysis
import GraphIR

/// A tree ensemble of which some trees can go.
struct PrunableTrees: ReducibleTrees {
  static let strategy = TreePruning.name
  let node: NodeID
  let view: TreeEnsembleView
  /// Uncentred.
  private let contributions: TreeContributions
  let selection: TreeSelection
  private let fit: TreeFit

  /// - Returns: nil where the ensemble's scores cannot be compared.
  init?(_ node: NodeID, _ view: TreeEnsembleView, _ contributions: TreeContributions) {
    let hasConstants = view.takesConstants(for: contributions.targets)
    let isSigned = view.trees.contains { $0.hasNegativeWeight }
    fit = hasConstants || isSigned ? .leastSquares : .keepsMass
    let compared = hasConstants ? contributions.centered() : contributions
    guard contributions.rowCount > 1, let selection = TreeSelection(compared, fit) else { return nil }
    self.node = node
    self.view = view
    self.contributions = contributions
    self.selection = selection
  }

  var steps: [ReductionStep] {
    let sizes = view.trees.map { $0.reachableNodes().count }
    let total = Double(max(sizes.reduce(0, +), 1))
    var kept = view.trees.count
    return keptCounts.map { next in
      let dropped = selection.order[next..<kept].reduce(0) { $0 + sizes[$1] }
      kept = next
      return ReductionStep(
        title: "\(next) of \(view.trees.count) trees", predictedError: selection.errors[next],
        share: Double(dropped) / total)
    }
  }

  func view(after count: Int) -> TreeEnsembleView {
    let dropped = Set(selection.order[keptCounts[count - 1]...])
    return keeping(view.trees.indices.filter { !dropped.contains($0) })
  }

  /// How many trees of the order can be kept, most first.
  private var keptCounts: [Int] { ReductionSchedule.counts(from: view.trees.count, to: fewestKept) }

  /// Every target keeps a tree, and a classifier its negative weights: runtimes choose labels by both.
  private var fewestKept: Int {
    var missing = Set(contributions.targets)
    var needsNegative = view.isClassifier && view.trees.contains { $0.hasNegativeWeight }
    for (place, tree) in selection.order.enumerated() {
      missing.subtract(contributions.columns[tree].map { contributions.targets[$0.target] })
      if needsNegative, view.trees[tree].hasNegativeWeight { needsNegative = false }
      if missing.isEmpty, !needsNegative { return place + 1 }
    }
    return max(selection.order.count, 1)
  }

  /// The ensemble of these trees alone, in their order, scaled, with what the others add on the mean as constants.
  private func keeping(_ kept: [Int]) -> TreeEnsembleView {
    let hasConstants = view.takesConstants(for: contributions.targets)
    let all = contributions.sum(of: Array(view.trees.indices))
    let part = contributions.sum(of: kept)
    let factor = factor(all, part, isCentered: hasConstants)
    var result = view
    let isAverage = view.aggregation == .average
    let weightFactor = isAverage ? factor * Double(kept.count) / Double(view.trees.count) : factor
    result.trees = kept.map { view.trees[$0].scaled(by: weightFactor) }
    guard hasConstants else { return result }
    let divisor = isAverage ? Double(view.trees.count) : 1
    let rows = contributions.rowCount
    let constants = contributions.targets.indices.map { target in
      let range = target * rows..<(target + 1) * rows
      return (all[range].mean - factor * part[range].mean) / divisor
    }
    result.add(constants, to: contributions.targets)
    return result
  }

  private func factor(_ all: [Double], _ part: [Double], isCentered: Bool) -> Double {
    var total = TreeSum(), sum = TreeSum()
    let rows = contributions.rowCount
    for target in contributions.targets.indices {
      let range = target * rows..<(target + 1) * rows
      let (allMean, partMean) = isCentered ? (all[range].mean, part[range].mean) : (0, 0)
      for row in range {
        let (f, p) = (all[row] - allMean, part[row] - partMean)
        total = total.adding(TreeSum(square: f * f, mass: f), product: 0)
        sum = sum.adding(TreeSum(withAll: f * p, square: p * p, mass: p), product: 0)
      }
    }
    return fit.factor(of: sum, total)
  }
}

extension TreeEnsembleView {
  private static let mostBaseValues = 1 << 16

  /// Whether a constant can be added to each of the targets. Runtimes read the base values of classifiers of two
  /// classes in several ways; one value for one score is clear.
  fileprivate func takesConstants(for targets: [Int]) -> Bool {
    guard canHaveBaseValues else { return aggregation == .sum && targets.count <= 64 }
    guard targetCount <= Self.mostBaseValues else { return false }
    if !isClassifier { return baseValues.isEmpty || baseValues.count == targetCount }
    if targetCount <= 2 { return baseValues.count == 1 && targets.count == 1 }
    return baseValues.count == targetCount
  }

  /// As base values, or as trees of one leaf where there are none.
  fileprivate mutating func add(_ constants: [Double], to targets: [Int]) {
    guard canHaveBaseValues else {
      trees += zip(targets, constants).map { DecisionTree(leaf: [TargetWeight(target: $0, weight: $1)]) }
      return
    }
    if baseValues.isEmpty { baseValues = [Double](repeating: 0, count: targetCount) }
    for (target, constant) in zip(targets, constants) {
      baseValues[baseValues.count == 1 ? 0 : target] += constant
    }
  }
}

extension DecisionTree {
  fileprivate func scaled(by factor: Double) -> DecisionTree {
    guard factor != 1 else { return self }
    var result = self
    for index in nodes.indices {
      guard case .leaf(let weights) = nodes[index] else { continue }
      result.nodes[index] = .leaf(
        weights.map { TargetWeight(target: $0.target, weight: $0.weight * factor) })
    }
    return result
  }
}

extension ArraySlice<Double> {
  fileprivate var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }
}
