/// One tree of an ensemble. Nodes are addressed by their place in `nodes`; those that the root does not lead to
/// count for nothing. A node may have several parents (converters express sets of categories so), cycles there
/// are none.
public struct DecisionTree: Sendable {
  public var nodes: [DecisionNode]
  public var root: Int

  public init(nodes: [DecisionNode], root: Int) {
    self.nodes = nodes
    self.root = root
  }

  /// A tree that answers the same whatever the row.
  public init(leaf: [TargetWeight]) {
    self.init(nodes: [.leaf(leaf)], root: 0)
  }

  /// The weights of the only leaf, where the tree is one.
  public var constantWeights: [TargetWeight]? {
    if case .leaf(let weights) = nodes[root] { weights } else { nil }
  }

  /// The nodes that the root leads to: each once, parents that are no second ones first, the true side before the
  /// false side.
  public func reachableNodes() -> [Int] {
    var isSeen = [Bool](repeating: false, count: nodes.count)
    var order: [Int] = []
    var pending = [root]
    while let index = pending.popLast() {
      guard !isSeen[index] else { continue }
      isSeen[index] = true
      order.append(index)
      if case .branch(let branch) = nodes[index] { pending += [branch.whenFalse, branch.whenTrue] }
    }
    return order
  }
}

public enum DecisionNode: Sendable {
  case branch(DecisionBranch)
  case leaf([TargetWeight])
}

/// What a leaf adds to one target or class.
public struct TargetWeight: Hashable, Sendable {
  public var target: Int
  /// Exactly the number that the model holds.
  public var weight: Double

  public init(target: Int, weight: Double) {
    self.target = target
    self.weight = weight
  }

  /// By bits: −0 is not 0, and a NaN is one.
  public static func == (a: Self, b: Self) -> Bool {
    a.target == b.target && a.weight.bitPattern == b.weight.bitPattern
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(target)
    hasher.combine(weight.bitPattern)
  }
}

/// A test of one feature of the row.
public struct DecisionBranch: Sendable {
  public var feature: Int
  public var comparison: TreeComparison
  /// Exactly the number that the model holds.
  public var threshold: Double
  /// What `member` compares with.
  public var members: [Double]
  /// Whether a NaN takes the true side.
  public var missingIsTrue: Bool
  public var whenTrue: Int
  public var whenFalse: Int

  public init(
    feature: Int, comparison: TreeComparison, threshold: Double, members: [Double] = [], missingIsTrue: Bool,
    whenTrue: Int, whenFalse: Int
  ) {
    self.feature = feature
    self.comparison = comparison
    self.threshold = threshold
    self.members = members
    self.missingIsTrue = missingIsTrue
    self.whenTrue = whenTrue
    self.whenFalse = whenFalse
  }
}

/// Raw values are those of `nodes_modes` of `TreeEnsemble`.
public enum TreeComparison: UInt8, Sendable {
  case lessOrEqual = 0
  case less = 1
  case greaterOrEqual = 2
  case greater = 3
  case equal = 4
  case notEqual = 5
  case member = 6
}
