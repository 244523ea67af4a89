extension TreeEnsembleView {
  /// The ensemble with fewer trees that sum to the same in real numbers; nil where there is nothing to merge.
  ///
  /// 1. Trees that make the same decisions, and whose leaves weigh the same targets, are one with the sums of the
  ///    weights. Boosting makes such stumps, bagging whole trees.
  /// 2. A tree that is one leaf goes into the base values of a regressor, if another tree is left.
  ///
  /// Sums are rounded once. What is not finite then stays apart, and a classifier keeps having negative weights, or
  /// none: runtimes choose the threshold of two classes by that.
  public func mergingTrees() -> TreeEnsembleView? {
    guard aggregation == .sum, trees.count > 1 else { return nil }
    var result = self
    result.mergeEqualDecisions()
    if isClassifier, result.hasNegativeWeight != hasNegativeWeight { return nil }
    if !isClassifier { result.moveConstantsToBaseValues() }
    return result.trees.count < trees.count ? result : nil
  }

  /// Files may declare any number of targets.
  private static let mostBaseValues = 1 << 16

  private var hasNegativeWeight: Bool {
    trees.contains { tree in tree.leaves.contains { $0.contains { $0.weight < 0 } } }
  }

  private mutating func mergeEqualDecisions() {
    var merged: [DecisionTree] = []
    var candidates: [Int: [(signature: [UInt64], place: Int)]] = [:]
    for tree in trees {
      guard let signature = tree.decisionSignature else {
        merged.append(tree)
        continue
      }
      let hash = signature.hashValue
      if let equal = candidates[hash]?.first(where: { $0.signature == signature }),
        let sum = merged[equal.place].addingWeights(of: tree, rounded: rounded)
      {
        merged[equal.place] = sum
      } else {
        candidates[hash, default: []].append((signature: signature, place: merged.count))
        merged.append(tree)
      }
    }
    trees = merged
  }

  private mutating func moveConstantsToBaseValues() {
    guard canHaveBaseValues, targetCount <= Self.mostBaseValues,
      baseValues.isEmpty || baseValues.count == targetCount
    else { return }
    var base = baseValues.isEmpty ? [Double](repeating: 0, count: targetCount) : baseValues
    var kept: [DecisionTree] = []
    for tree in trees {
      guard let weights = tree.constantWeights, targetCount > 1 || weights.count == 1 else {
        kept.append(tree)
        continue
      }
      for weight in weights { base[weight.target] += weight.weight }
    }
    base = base.map(rounded)
    guard !kept.isEmpty, kept.count < trees.count, base.allSatisfy(\.isFinite) else { return }
    trees = kept
    baseValues = base
  }

  private func rounded(_ number: Double) -> Double {
    switch elementType {
    case .float64: number
    case .float16: Double(Float16(number))
    default: Double(Float(number))
    }
  }
}

extension DecisionTree {
  /// What a tree decides and which targets its leaves weigh, but not how much. Nil where nodes are shared.
  fileprivate var decisionSignature: [UInt64]? {
    let order = reachableNodes()
    guard parentCounts(of: order).allSatisfy({ $0 <= 1 }) else { return nil }
    var signature: [UInt64] = []
    for index in order {
      switch nodes[index] {
      case .leaf(let weights):
        signature += [0, UInt64(weights.count)] + weights.map { UInt64($0.target) }
      case .branch(let branch):
        signature += [
          1 + UInt64(branch.comparison.rawValue), UInt64(branch.feature), branch.threshold.bitPattern,
          branch.missingIsTrue ? 1 : 0, UInt64(branch.members.count),
        ]
        signature += branch.members.map(\.bitPattern)
      }
    }
    return signature
  }

  /// The tree with the weights of an other one that decides the same added; nil where a sum is not finite.
  fileprivate func addingWeights(of other: DecisionTree, rounded: (Double) -> Double) -> DecisionTree? {
    var result = self
    for (mine, its) in zip(reachableNodes(), other.reachableNodes()) {
      guard case .leaf(let weights) = nodes[mine], case .leaf(let others) = other.nodes[its] else { continue }
      let sums = zip(weights, others).map {
        TargetWeight(target: $0.target, weight: rounded($0.weight + $1.weight))
      }
      guard sums.allSatisfy({ $0.weight.isFinite }) else { return nil }
      result.nodes[mine] = .leaf(sums)
    }
    return result
  }
}
