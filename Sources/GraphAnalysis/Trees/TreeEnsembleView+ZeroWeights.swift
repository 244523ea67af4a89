extension TreeEnsembleView {
  /// The ensemble without weights of 0 that change no score, label or transformation, bit by bit; nil where there are
  /// none. Converters of forests write a weight for every class in every leaf, of which nearly all are 0.
  ///
  /// Sums only. Every leaf keeps one weight at least, and every target one leaf. Classifiers know which classes have
  /// been given a score at all, and choose the label among those: with two classes nothing is removed, with more only
  /// where no weight is negative and some tree gives a positive one in every leaf, which then wins over any 0.
  public func withoutZeroWeights() -> TreeEnsembleView? {
    guard aggregation == .sum || aggregation == .average, targetCount > 1,
      !isClassifier || (targetCount > 2 && labelsIgnoreZeros)
    else { return nil }
    var result = self
    var isChanged = false
    for index in trees.indices { isChanged = result.trees[index].dropZeroWeights() || isChanged }
    guard isChanged, result.weightedTargets == weightedTargets else { return nil }
    return result
  }

  private var labelsIgnoreZeros: Bool {
    let isNonNegative = trees.allSatisfy { $0.leaves.allSatisfy { $0.allSatisfy { $0.weight >= 0 } } }
    return isNonNegative
      && trees.contains { tree in
        tree.leaves.allSatisfy { $0.contains { $0.weight > 0 && $0.weight.isFinite } }
      }
  }

  private var weightedTargets: Set<Int> {
    trees.reduce(into: []) { targets, tree in
      for leaf in tree.leaves { for weight in leaf { targets.insert(weight.target) } }
    }
  }
}

extension DecisionTree {
  /// The weights of every leaf, those without parents too.
  var leaves: some Sequence<[TargetWeight]> {
    nodes.lazy.compactMap { if case .leaf(let weights) = $0 { weights } else { nil } }
  }

  fileprivate mutating func dropZeroWeights() -> Bool {
    var isChanged = false
    for index in nodes.indices {
      guard case .leaf(let weights) = nodes[index], weights.count > 1 else { continue }
      var kept = weights.filter { $0.weight != 0 }
      if kept.isEmpty { kept = Array(weights.prefix(1)) }
      guard kept.count < weights.count else { continue }
      nodes[index] = .leaf(kept)
      isChanged = true
    }
    return isChanged
  }
}
