import GraphIR
import TensorCore

/// Lays trees out as one row for each node and one for each weight.
struct TreeRowWriter {
  private let prefix: String
  private let type: ElementType
  private let baseValues: [Double]
  private var trees: [Int64] = []
  private var nodes: [Int64] = []
  private var modes: [ByteString] = []
  private var features: [Int64] = []
  private var thresholds: [Double] = []
  private var trueNodes: [Int64] = []
  private var falseNodes: [Int64] = []
  private var missing: [Int64] = []
  private var weightTrees: [Int64] = []
  private var weightNodes: [Int64] = []
  private var weightTargets: [Int64] = []
  private var weights: [Double] = []

  /// Nil where a tree has no such layout.
  init?(_ view: TreeEnsembleView, weightPrefix: String) {
    prefix = weightPrefix
    type = view.elementType
    baseValues = view.baseValues
    for (index, tree) in view.trees.enumerated() {
      guard tree.hasRuntimeLayout, append(tree, Int64(index)) else { return nil }
    }
  }

  private mutating func append(_ tree: DecisionTree, _ id: Int64) -> Bool {
    let order = tree.reachableNodes()
    var places = [Int64](repeating: 0, count: tree.nodes.count)
    for (place, index) in order.enumerated() { places[index] = Int64(place) }
    for index in order {
      trees.append(id)
      nodes.append(places[index])
      switch tree.nodes[index] {
      case .leaf(let leaf):
        append(leaf: leaf, id, places[index])
      case .branch(let branch):
        guard let mode = branch.comparison.rowName else { return false }
        modes.append(mode)
        features.append(Int64(branch.feature))
        thresholds.append(branch.threshold)
        trueNodes.append(places[branch.whenTrue])
        falseNodes.append(places[branch.whenFalse])
        missing.append(branch.missingIsTrue ? 1 : 0)
      }
    }
    return true
  }

  private mutating func append(leaf: [TargetWeight], _ tree: Int64, _ place: Int64) {
    modes.append("LEAF")
    features.append(0)
    thresholds.append(0)
    trueNodes.append(0)
    falseNodes.append(0)
    missing.append(0)
    for weight in leaf {
      weightTrees.append(tree)
      weightNodes.append(place)
      weightTargets.append(Int64(weight.target))
      weights.append(weight.weight)
    }
  }

  func attributes(replacing old: [Attribute]) -> [Attribute]? {
    var lists: [String: AttributeValue] = [
      "nodes_treeids": .ints(trees), "nodes_nodeids": .ints(nodes), "nodes_modes": .strings(modes),
      "nodes_featureids": .ints(features), "nodes_truenodeids": .ints(trueNodes),
      "nodes_falsenodeids": .ints(falseNodes), "\(prefix)_treeids": .ints(weightTrees),
      "\(prefix)_nodeids": .ints(weightNodes), "\(prefix)_ids": .ints(weightTargets),
    ]
    if missing.contains(1) { lists["nodes_missing_value_tracks_true"] = .ints(missing) }
    for (name, numbers) in [("nodes_values", thresholds), ("\(prefix)_weights", weights)] {
      guard addNumbers(numbers, as: name, to: &lists) else { return nil }
    }
    if !baseValues.isEmpty {
      guard addNumbers(baseValues, as: "base_values", to: &lists) else { return nil }
    }
    return old.replacingTrees(
      with: lists, dropping: Self.droppable + ["base_values", "base_values_as_tensor"])
  }

  private func addNumbers(
    _ numbers: [Double], as name: String, to lists: inout [String: AttributeValue]
  ) -> Bool {
    if type == .float32 {
      lists[name] = .floats(numbers.map { Float($0) })
      return true
    }
    guard let tensor = try? Tensor(type, rounding: numbers, [numbers.count]) else { return false }
    lists[name + "_as_tensor"] = .tensor(NamedTensor(tensor))
    return true
  }

  /// What computes nothing, or is written only where it does.
  private static let droppable = [
    "nodes_hitrates", "nodes_hitrates_as_tensor", "nodes_missing_value_tracks_true", "nodes_values_as_tensor",
    "class_weights_as_tensor", "target_weights_as_tensor", "nodes_values", "class_weights", "target_weights",
  ]
}

extension [Attribute] {
  /// The attributes with those that `lists` has replaced where they stand, new ones added in order of their names,
  /// and those of `dropping` left out that `lists` does not have.
  func replacingTrees(with lists: [String: AttributeValue], dropping names: [String]) -> [Attribute] {
    let present = Set(map(\.name))
    let kept = compactMap { attribute -> Attribute? in
      guard let value = lists[attribute.name] else { return names.contains(attribute.name) ? nil : attribute }
      return Attribute(attribute.name, value, annotations: attribute.annotations)
    }
    return kept
      + lists.keys.filter { !present.contains($0) }.sorted().compactMap { name in
        lists[name].map { Attribute(name, $0) }
      }
  }
}
