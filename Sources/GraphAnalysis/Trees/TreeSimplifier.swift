/// Removes from a tree what cannot matter, so that every row reaches a leaf with the same weights, bit by bit:
///
/// 1. a branch one side of which no value can reach gives way to its other side. A path narrows the interval of each
///    feature that it tests; NaN is followed apart;
/// 2. a branch whose sides are equal trees gives way to one of them.
///
/// Nodes with several parents stay shared, and are looked at without what the paths to them know. O(nodes · depth of
/// equal comparisons), which hashing makes O(nodes).
public struct TreeSimplifier {
  private let source: DecisionTree
  private let isShared: [Bool]
  private var result: [DecisionNode] = []
  private var domains: [Int: FeatureDomain] = [:]
  /// Trees that are equal have one number.
  private var numbers: [Subtree: Int] = [:]
  private var shared: [Int: Part] = [:]

  /// A tree in `result`, and its number among unequal ones.
  private struct Part {
    let node: Int
    let number: Int
  }

  private enum Subtree: Hashable {
    case leaf([TargetWeight])
    case branch(
      feature: Int, comparison: TreeComparison, threshold: UInt64, members: [Double], missingIsTrue: Bool,
      whenTrue: Int, whenFalse: Int)
  }

  private init(_ source: DecisionTree) {
    self.source = source
    isShared = source.parentCounts(of: source.reachableNodes()).map { $0 > 1 }
  }

  /// - Parameter tree: no deeper than `TreeEnsembleView.maximumDepth`, without cycles.
  public static func simplified(_ tree: DecisionTree) -> DecisionTree {
    var simplifier = TreeSimplifier(tree)
    let root = simplifier.simplify(tree.root)
    return DecisionTree(nodes: simplifier.result, root: root.node)
  }

  private mutating func simplify(_ index: Int) -> Part {
    guard isShared[index] else { return simplifyContents(of: index) }
    if let known = shared[index] { return known }
    let path = domains
    domains = [:]
    let part = simplifyContents(of: index)
    domains = path
    shared[index] = part
    return part
  }

  private mutating func simplifyContents(of index: Int) -> Part {
    switch source.nodes[index] {
    case .leaf(let weights): return add(.leaf(weights), .leaf(weights))
    case .branch(let branch): return simplify(branch)
    }
  }

  private mutating func simplify(_ branch: DecisionBranch) -> Part {
    let domain = domains[branch.feature] ?? FeatureDomain()
    let whenTrue = domain.narrowed(by: branch, takingTrueSide: true)
    let whenFalse = domain.narrowed(by: branch, takingTrueSide: false)
    // A domain that is empty already says nothing about this branch.
    if whenFalse.isEmpty, !whenTrue.isEmpty { return simplify(branch.whenTrue) }
    if whenTrue.isEmpty, !whenFalse.isEmpty { return simplify(branch.whenFalse) }
    domains[branch.feature] = whenTrue
    let first = simplify(branch.whenTrue)
    domains[branch.feature] = whenFalse
    let second = simplify(branch.whenFalse)
    domains[branch.feature] = domain
    guard first.number != second.number else { return first }
    var kept = branch
    kept.whenTrue = first.node
    kept.whenFalse = second.node
    return add(
      .branch(kept),
      .branch(
        feature: branch.feature, comparison: branch.comparison, threshold: branch.threshold.bitPattern,
        members: branch.members, missingIsTrue: branch.missingIsTrue, whenTrue: first.number,
        whenFalse: second.number))
  }

  private mutating func add(_ node: DecisionNode, _ subtree: Subtree) -> Part {
    result.append(node)
    let number = numbers[subtree] ?? numbers.count
    numbers[subtree] = number
    return Part(node: result.count - 1, number: number)
  }
}
