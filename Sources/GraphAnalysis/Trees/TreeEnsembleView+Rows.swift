import GraphIR
import TensorCore

extension TreeEnsembleView {
  init(rows attributes: TreeAttributes, weightPrefix prefix: String) throws {
    let rows = try TreeRows(attributes)
    let isClassifier = prefix == "class"
    let targetCount =
      try isClassifier
      ? max(attributes.count(of: "classlabels_int64s"), attributes.count(of: "classlabels_strings"))
      : attributes.int("n_targets", default: 1)
    try attributes.require(targetCount > 0, "there are no targets")
    let weights = try LeafWeightRows(attributes, prefix: prefix, targetCount: targetCount)
    try attributes.require(weights.type == rows.type, "thresholds and weights are of different types")
    let text = try attributes.string("aggregate_function", default: Aggregation.sum.rawValue)
    guard let aggregation = Aggregation(rawValue: text) else {
      throw attributes.failure("'\(text)' is no aggregation")
    }
    let base = try attributes.numbers("base_values")
    try attributes.require(base == nil || base?.type == rows.type, "base values are of another type")
    self.init(
      trees: try rows.trees(with: weights), baseValues: base?.values ?? [], aggregation: aggregation,
      targetCount: targetCount, isClassifier: isClassifier, elementType: rows.type,
      layout: .rows(weightPrefix: prefix))
  }
}

/// One row for each leaf and target that it has a weight for.
private struct LeafWeightRows {
  let type: ElementType
  /// By tree, then by node; in the order of the rows.
  private(set) var weights: [TreeRows.Key: [TargetWeight]] = [:]

  init(_ attributes: TreeAttributes, prefix: String, targetCount: Int) throws {
    guard let numbers = try attributes.numbers("\(prefix)_weights") else {
      throw attributes.failure("leaves have no weights")
    }
    type = numbers.type
    let count = numbers.values.count
    let trees = try attributes.ints("\(prefix)_treeids", count: count)
    let nodes = try attributes.ints("\(prefix)_nodeids", count: count)
    let targets = try attributes.ints("\(prefix)_ids", count: count)
    try attributes.require(targets.allSatisfy { (0..<targetCount).contains($0) }, "a target is out of range")
    for row in 0..<count {
      weights[TreeRows.Key(tree: trees[row], node: nodes[row]), default: []].append(
        TargetWeight(target: targets[row], weight: numbers.values[row]))
    }
  }
}

/// One row for each node of each tree.
private struct TreeRows {
  struct Key: Hashable {
    let tree: Int
    let node: Int
  }

  let type: ElementType
  private let attributes: TreeAttributes
  private let keys: [Key]
  private let modes: [TreeComparison?]
  private let thresholds: [Double]
  private let features: [Int]
  private let trueNodes: [Int]
  private let falseNodes: [Int]
  private let missing: [Int]

  init(_ attributes: TreeAttributes) throws {
    guard let numbers = try attributes.numbers("nodes_values") else {
      throw attributes.failure("nodes have no values")
    }
    let count = numbers.values.count
    let trees = try attributes.ints("nodes_treeids", count: count)
    let nodes = try attributes.ints("nodes_nodeids", count: count)
    self.attributes = attributes
    type = numbers.type
    thresholds = numbers.values
    keys = zip(trees, nodes).map { Key(tree: $0, node: $1) }
    features = try attributes.ints("nodes_featureids", count: count)
    trueNodes = try attributes.ints("nodes_truenodeids", count: count)
    falseNodes = try attributes.ints("nodes_falsenodeids", count: count)
    missing = try attributes.optionalInts("nodes_missing_value_tracks_true", count: count)
    modes = try attributes.strings("nodes_modes", count: count).map { mode in
      guard let found = TreeComparison.named[mode] else { throw attributes.failure("\(mode) is no mode") }
      return found
    }
  }

  /// A tree's rows follow each other, its root first.
  func trees(with weights: LeafWeightRows) throws -> [DecisionTree] {
    var seen: Set<Int> = []
    var trees: [DecisionTree] = []
    var start = 0
    var weightedLeaves = 0
    while start < keys.count {
      let id = keys[start].tree
      let end = keys[start...].firstIndex { $0.tree != id } ?? keys.count
      try attributes.require(seen.insert(id).inserted, "the nodes of tree \(id) are scattered")
      let tree = try tree(start..<end, weights, &weightedLeaves)
      try tree.validate(attributes)
      trees.append(tree)
      start = end
    }
    try attributes.require(!trees.isEmpty, "there are no trees")
    try attributes.require(weightedLeaves == weights.weights.count, "a weight belongs to no leaf")
    return trees
  }

  private func tree(
    _ rows: Range<Int>, _ weights: LeafWeightRows, _ weightedLeaves: inout Int
  ) throws -> DecisionTree {
    var places: [Int: Int] = [:]
    places.reserveCapacity(rows.count)
    for row in rows {
      let isNew = places.updateValue(row - rows.lowerBound, forKey: keys[row].node) == nil
      try attributes.require(isNew, "node \(keys[row].node) of tree \(keys[row].tree) is there twice")
    }
    func place(_ node: Int) throws -> Int {
      guard let place = places[node] else { throw attributes.failure("node \(node) is not there") }
      return place
    }
    let nodes = try rows.map { row -> DecisionNode in
      guard let comparison = modes[row] else {
        let found = weights.weights[keys[row]]
        weightedLeaves += found == nil ? 0 : 1
        return .leaf(found ?? [])
      }
      try attributes.require(features[row] >= 0, "feature \(features[row]) is negative")
      return .branch(
        DecisionBranch(
          feature: features[row], comparison: comparison, threshold: thresholds[row],
          missingIsTrue: !missing.isEmpty && missing[row] == 1,
          whenTrue: try place(trueNodes[row]), whenFalse: try place(falseNodes[row])))
    }
    return DecisionTree(nodes: nodes, root: 0)
  }
}

extension TreeComparison {
  /// How rows call them; a leaf is none. Sets of members are only in version 5.
  fileprivate static let named: [ByteString: TreeComparison?] = [
    "BRANCH_LEQ": .lessOrEqual, "BRANCH_LT": .less, "BRANCH_GTE": .greaterOrEqual, "BRANCH_GT": .greater,
    "BRANCH_EQ": .equal, "BRANCH_NEQ": .notEqual, "LEAF": TreeComparison?.none,
  ]

  /// What `nodes_modes` says for it.
  var rowName: ByteString? {
    switch self {
    case .lessOrEqual: "BRANCH_LEQ"
    case .less: "BRANCH_LT"
    case .greaterOrEqual: "BRANCH_GTE"
    case .greater: "BRANCH_GT"
    case .equal: "BRANCH_EQ"
    case .notEqual: "BRANCH_NEQ"
    case .member: nil
    }
  }
}
