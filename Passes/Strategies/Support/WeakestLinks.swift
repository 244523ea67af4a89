import GraphAnalysis

/// The order in which branches of a tree are worth turning into leaves: cost-complexity pruning (Breiman, Friedman,
/// Olshen and Stone, "Classification and Regression Trees", 1984).
///
/// A leaf in place of a branch t gives the mean of the leaves below it and adds R(t) − R(T) to the squared error, where
/// T is what is left below t by then. The branch with the least (R(t) − R(T)) / (leaves(T) − 1) is next. Branches below
/// t go before t or never, so that the orders of both sides are merged from the leaves up. O(nodes · depth).
struct WeakestLinks: Sendable {
  /// A branch that becomes a leaf.
  struct Cut: Sendable {
    let node: Int
    /// What the leaf gives.
    let weights: [TargetWeight]
    /// What it adds to the squared error.
    let error: Double
    /// Leaves that are saved.
    let leaves: Int
    /// The error for each of them; never less than of cuts before.
    let ratio: Double
  }

  let cuts: [Cut]

  /// - Parameter masses: how many rows each leaf stands for, above 0; by node.
  /// - Returns: nil where nodes have several parents, or weights are no numbers.
  init?(_ tree: DecisionTree, masses: [Double]) {
    let order = tree.reachableNodes()
    let branches = order.count { if case .branch = tree.nodes[$0] { true } else { false } }
    guard order.count == 2 * branches + 1 else { return nil }
    var parts: [Int: Part] = [:]
    for index in order.reversed() {
      switch tree.nodes[index] {
      case .leaf(let weights): parts[index] = Part(weights, mass: masses[index])
      case .branch(let branch):
        guard let whenTrue = parts.removeValue(forKey: branch.whenTrue),
          let whenFalse = parts.removeValue(forKey: branch.whenFalse)
        else { return nil }
        parts[index] = Part(whenTrue, whenFalse, at: index)
      }
    }
    guard let whole = parts[tree.root], whole.square.isFinite else { return nil }
    cuts = whole.cuts
  }

  /// What is known of a node from those below it.
  private struct Part {
    let mass: Double
    /// Σ mass · weight, by target in order.
    let sums: [TargetWeight]
    /// Σ mass · weight²
    let square: Double
    let leaves: Int
    var cuts: [Cut]

    init(_ weights: [TargetWeight], mass: Double) {
      let sorted = weights.sorted { $0.target < $1.target }
      let own = sorted.reduce(into: [TargetWeight]()) { $0.add($1) }
      self.mass = mass
      sums = own.map { TargetWeight(target: $0.target, weight: mass * $0.weight) }
      square = own.reduce(0) { $0 + mass * $1.weight * $1.weight }
      leaves = 1
      cuts = []
    }

    init(_ a: Part, _ b: Part, at node: Int) {
      mass = a.mass + b.mass
      sums = merged(a.sums, b.sums) { $0.target < $1.target }.reduce(into: []) { $0.add($1) }
      square = a.square + b.square
      leaves = a.leaves + b.leaves
      let mass = mass
      let ofLeaf = square - sums.reduce(0) { $0 + $1.weight * $1.weight / mass }
      let below = merged(a.cuts, b.cuts) { $0.ratio < $1.ratio }
      var (error, left, count) = (0.0, leaves, 0)
      while count < below.count, below[count].ratio * Double(left - 1) <= ofLeaf - error {
        error += below[count].error
        left -= below[count].leaves
        count += 1
      }
      let added = max(ofLeaf - error, 0)
      let last = count > 0 ? below[count - 1].ratio : 0
      let leaf = sums.map { TargetWeight(target: $0.target, weight: $0.weight / mass) }
      cuts = Array(below.prefix(count))
      cuts.append(
        Cut(
          node: node, weights: leaf, error: added, leaves: left - 1,
          ratio: max(added / Double(max(left - 1, 1)), last)))
    }
  }
}

extension [TargetWeight] {
  /// To the last one, where that has the same target.
  fileprivate mutating func add(_ other: TargetWeight) {
    if let last, last.target == other.target {
      self[count - 1].weight += other.weight
    } else {
      append(other)
    }
  }
}

/// Two sorted lists as one; of equal elements, those of `a` first.
private func merged<Element>(_ a: [Element], _ b: [Element], by isLess: (Element, Element) -> Bool)
  -> [Element]
{
  var result: [Element] = []
  result.reserveCapacity(a.count + b.count)
  var (left, right) = (0, 0)
  while left < a.count, right < b.count {
    if isLess(b[right], a[left]) {
      result.append(b[right])
      right += 1
    } else {
      result.append(a[left])
      left += 1
    }
  }
  return result + a[left...] + b[right...]
}
