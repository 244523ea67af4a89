import GraphIR
import TensorCore

/// Lays trees out as branches and leaves. Leaves that give the same to the same target are one.
struct BranchAndLeafWriter {
  private let type: ElementType
  private var roots: [Int64] = []
  private var modes: [UInt8] = []
  private var features: [Int64] = []
  private var splits: [Double] = []
  private var missing: [Int64] = []
  private var members: [Double] = []
  private var trueIsLeaf: [Int64] = []
  private var trueNodes: [Int64] = []
  private var falseIsLeaf: [Int64] = []
  private var falseNodes: [Int64] = []
  private var leafTargets: [Int64] = []
  private var leafWeights: [Double] = []
  private var places: [TargetWeight: Int64] = [:]

  /// Nil where a leaf has other than one weight, or a tree has no such layout.
  init?(_ view: TreeEnsembleView) {
    type = view.elementType
    for tree in view.trees {
      guard tree.hasRuntimeLayout, append(tree) else { return nil }
    }
  }

  private mutating func append(_ tree: DecisionTree) -> Bool {
    roots.append(Int64(modes.count))
    if let constant = tree.constantWeights { return append(constant: constant) }
    let branches = tree.reachableNodes().filter { if case .branch = tree.nodes[$0] { true } else { false } }
    var targets: [Int: Int64] = [:]
    for (place, index) in branches.enumerated() { targets[index] = Int64(modes.count + place) }
    for index in branches {
      guard case .branch(let branch) = tree.nodes[index],
        let whenTrue = side(branch.whenTrue, of: tree, targets),
        let whenFalse = side(branch.whenFalse, of: tree, targets)
      else { return false }
      append(branch, whenTrue, whenFalse)
    }
    return true
  }

  /// A branch both of whose sides are the leaf stands for a tree that is one.
  private mutating func append(constant: [TargetWeight]) -> Bool {
    guard let place = place(ofLeaf: constant) else { return false }
    let branch = DecisionBranch(
      feature: 0, comparison: .lessOrEqual, threshold: 0, missingIsTrue: false, whenTrue: 0, whenFalse: 0)
    append(branch, (isLeaf: 1, index: place), (isLeaf: 1, index: place))
    return true
  }

  private mutating func append(
    _ branch: DecisionBranch, _ whenTrue: (isLeaf: Int64, index: Int64),
    _ whenFalse: (isLeaf: Int64, index: Int64)
  ) {
    modes.append(branch.comparison.rawValue)
    features.append(Int64(branch.feature))
    splits.append(branch.threshold)
    missing.append(branch.missingIsTrue ? 1 : 0)
    if branch.comparison == .member { members += branch.members + [.nan] }
    trueIsLeaf.append(whenTrue.isLeaf)
    trueNodes.append(whenTrue.index)
    falseIsLeaf.append(whenFalse.isLeaf)
    falseNodes.append(whenFalse.index)
  }

  private mutating func side(
    _ index: Int, of tree: DecisionTree, _ branches: [Int: Int64]
  ) -> (isLeaf: Int64, index: Int64)? {
    if let branch = branches[index] { return (isLeaf: 0, index: branch) }
    guard case .leaf(let weights) = tree.nodes[index], let place = place(ofLeaf: weights) else { return nil }
    return (isLeaf: 1, index: place)
  }

  private mutating func place(ofLeaf weights: [TargetWeight]) -> Int64? {
    guard weights.count == 1 else { return nil }
    if let place = places[weights[0]] { return place }
    let place = Int64(leafTargets.count)
    places[weights[0]] = place
    leafTargets.append(Int64(weights[0].target))
    leafWeights.append(weights[0].weight)
    return place
  }

  func attributes(replacing old: [Attribute]) -> [Attribute]? {
    guard let splits = try? Tensor(type, rounding: splits, [splits.count]),
      let weights = try? Tensor(type, rounding: leafWeights, [leafWeights.count]),
      let members = try? Tensor(type, rounding: members, [members.count]),
      let modes = try? Tensor(.uint8, elements: modes)
    else { return nil }
    var lists: [String: AttributeValue] = [
      "tree_roots": .ints(roots), "nodes_modes": .tensor(NamedTensor(modes)),
      "nodes_featureids": .ints(features), "nodes_splits": .tensor(NamedTensor(splits)),
      "nodes_trueleafs": .ints(trueIsLeaf), "nodes_truenodeids": .ints(trueNodes),
      "nodes_falseleafs": .ints(falseIsLeaf), "nodes_falsenodeids": .ints(falseNodes),
      "leaf_targetids": .ints(leafTargets), "leaf_weights": .tensor(NamedTensor(weights)),
    ]
    if missing.contains(1) { lists["nodes_missing_value_tracks_true"] = .ints(missing) }
    if members.elementCount > 0 { lists["membership_values"] = .tensor(NamedTensor(members)) }
    return old.replacingTrees(
      with: lists, dropping: ["nodes_hitrates", "nodes_missing_value_tracks_true", "membership_values"])
  }
}
