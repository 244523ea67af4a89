import GraphIR
import TensorCore

extension TreeEnsembleView {
  init(branchesAndLeaves attributes: TreeAttributes) throws {
    let targetCount = try attributes.int("n_targets", default: 1)
    try attributes.require(targetCount > 0, "there are no targets")
    let number = try attributes.int("aggregate_function", default: 1)
    let order: [Aggregation] = [.average, .sum, .minimum, .maximum]
    try attributes.require(order.indices.contains(number), "\(number) is no aggregation")
    let table = try BranchTable(attributes, targetCount: targetCount)
    let roots = try attributes.ints("tree_roots")
    try attributes.require(!roots.isEmpty, "there are no trees")
    var budget = table.count * 2 + 1
    let trees = try roots.map { root in
      let tree = try table.tree(at: root, &budget)
      try tree.validate(attributes)
      return tree
    }
    self.init(
      trees: trees, baseValues: [], aggregation: order[number], targetCount: targetCount,
      isClassifier: false, elementType: table.type, layout: .branchesAndLeaves)
  }
}

/// Branches of all trees in one table, leaves in another.
private struct BranchTable {
  let type: ElementType
  let count: Int
  private let attributes: TreeAttributes
  private let modes: [TreeComparison]
  private let splits: [Double]
  private let features: [Int]
  private let children: [(isLeaf: [Int], index: [Int])]
  private let missing: [Int]
  private let members: [Int: [Double]]
  private let leaves: [TargetWeight]

  init(_ attributes: TreeAttributes, targetCount: Int) throws {
    let numbers = try attributes.tensor("nodes_splits")
    let count = numbers.values.count
    self.attributes = attributes
    self.count = count
    type = numbers.type
    splits = numbers.values
    features = try attributes.ints("nodes_featureids", count: count)
    try attributes.require(features.allSatisfy { $0 >= 0 }, "a feature is negative")
    missing = try attributes.optionalInts("nodes_missing_value_tracks_true", count: count)
    children = try ["true", "false"].map { side in
      (
        isLeaf: try attributes.ints("nodes_\(side)leafs", count: count),
        index: try attributes.ints("nodes_\(side)nodeids", count: count)
      )
    }
    modes = try Self.modes(attributes, count: count)
    members = try Self.members(attributes, modes, type)
    leaves = try Self.leaves(attributes, targetCount, type)
  }

  private static func modes(_ attributes: TreeAttributes, count: Int) throws -> [TreeComparison] {
    let numbers = try attributes.tensor("nodes_modes")
    try attributes.require(
      numbers.values.count == count && numbers.type == .uint8, "'nodes_modes' is no list of \(count) modes")
    return try numbers.values.map { number in
      guard let mode = TreeComparison(rawValue: UInt8(number)) else {
        throw attributes.failure("\(number) is no mode")
      }
      return mode
    }
  }

  /// The sets follow each other in the order of the branches that ask for them; NaN ends each.
  private static func members(
    _ attributes: TreeAttributes, _ modes: [TreeComparison], _ type: ElementType
  ) throws -> [Int: [Double]] {
    let asking = modes.indices.filter { modes[$0] == .member }
    guard attributes.has("membership_values") else {
      try attributes.require(asking.isEmpty, "a set of members is missing")
      return [:]
    }
    let numbers = try attributes.tensor("membership_values")
    try attributes.require(numbers.type == type, "members are of another type")
    let sets = numbers.values.split(omittingEmptySubsequences: false) { $0.isNaN }
    try attributes.require(
      sets.count == asking.count + 1 && sets.last?.isEmpty == true, "members do not fit the branches")
    return Dictionary(uniqueKeysWithValues: zip(asking, sets.map { Array($0) }))
  }

  private static func leaves(
    _ attributes: TreeAttributes, _ targetCount: Int, _ type: ElementType
  ) throws -> [TargetWeight] {
    let weights = try attributes.tensor("leaf_weights")
    try attributes.require(weights.type == type, "splits and weights are of different types")
    let targets = try attributes.ints("leaf_targetids", count: weights.values.count)
    try attributes.require(targets.allSatisfy { (0..<targetCount).contains($0) }, "a target is out of range")
    return zip(targets, weights.values).map { TargetWeight(target: $0, weight: $1) }
  }

  /// - Parameter budget: how many nodes may still be read, so that roots that share branches cannot ask for more
  ///   than the file holds.
  func tree(at root: Int, _ budget: inout Int) throws -> DecisionTree {
    var nodes: [DecisionNode] = []
    var places: [Int: Int] = [:]
    var pending: [Int] = []
    func place(ofBranch branch: Int) throws -> Int {
      try attributes.require((0..<count).contains(branch), "branch \(branch) is not there")
      if let place = places[branch] { return place }
      places[branch] = nodes.count
      nodes.append(.leaf([]))
      pending.append(branch)
      return nodes.count - 1
    }
    func place(of branch: Int, side: Int) throws -> Int {
      let index = children[side].index[branch]
      guard children[side].isLeaf[branch] != 0 else { return try place(ofBranch: index) }
      try attributes.require(leaves.indices.contains(index), "leaf \(index) is not there")
      nodes.append(.leaf([leaves[index]]))
      return nodes.count - 1
    }
    _ = try place(ofBranch: root)
    while let branch = pending.popLast() {
      budget -= 2
      try attributes.require(budget >= 0, "trees share their branches")
      let sides = (whenTrue: try place(of: branch, side: 0), whenFalse: try place(of: branch, side: 1))
      nodes[places[branch] ?? 0] = .branch(
        DecisionBranch(
          feature: features[branch], comparison: modes[branch], threshold: splits[branch],
          members: members[branch] ?? [], missingIsTrue: !missing.isEmpty && missing[branch] == 1,
          whenTrue: sides.whenTrue, whenFalse: sides.whenFalse))
    }
    return DecisionTree(nodes: nodes, root: 0)
  }
}
