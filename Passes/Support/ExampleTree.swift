/// A tree for examples, which writes the lists of an ensemble's attributes.
indirect enum ExampleTree: Sendable {
  /// A weight for each target; nil where the leaf has none.
  case leaf([Float?])
  case branch(Branch)

  struct Branch: Sendable {
    let feature: Int
    let mode: String
    let value: Float
    let missingIsTrue: Bool
    let whenTrue: ExampleTree
    let whenFalse: ExampleTree
  }

  static func leaf(_ weights: Float?...) -> ExampleTree { .leaf(weights) }

  static func test(
    _ feature: Int, _ mode: String, _ value: Float, missing: Bool = false, _ whenTrue: ExampleTree,
    _ whenFalse: ExampleTree
  ) -> ExampleTree {
    .branch(
      Branch(
        feature: feature, mode: mode, value: value, missingIsTrue: missing, whenTrue: whenTrue,
        whenFalse: whenFalse))
  }

  /// `y = TreeEnsembleRegressor(x)`
  static func regressor(
    _ trees: [ExampleTree], of input: String = "x", targets: Int = 1, and more: String = ""
  ) -> String {
    let lists = ExampleTreeLists(trees)
    return """
      y = "ai.onnx.ml".TreeEnsembleRegressor<n_targets = \(targets), \(more)\(lists.text(weights: "target"))>(\(input))
      """
  }

  /// `l, y = TreeEnsembleClassifier(x)`
  static func classifier(
    _ trees: [ExampleTree], of input: String = "x", classes: Int, and more: String = ""
  ) -> String {
    let labels = (0..<classes).map(String.init).joined(separator: ", ")
    return """
      l, y = "ai.onnx.ml".TreeEnsembleClassifier<classlabels_int64s = [\(labels)], \
      \(more)\(ExampleTreeLists(trees).text(weights: "class"))>(\(input))
      """
  }
}

private struct ExampleTreeLists {
  private var rows: [[String]] = []
  private var weights: [[String]] = []

  init(_ trees: [ExampleTree]) {
    for (id, tree) in trees.enumerated() {
      var count = 0
      _ = add(tree, id, &count)
    }
  }

  private mutating func add(_ tree: ExampleTree, _ id: Int, _ count: inout Int) -> Int {
    let place = count
    let row = rows.count
    count += 1
    switch tree {
    case .leaf(let values):
      rows.append(["\(id)", "\(place)", "\"LEAF\"", "0", "0.0", "0", "0", "0"])
      for (target, value) in values.enumerated() {
        if let value { weights.append(["\(id)", "\(place)", "\(target)", "\(value)"]) }
      }
    case .branch(let branch):
      rows.append([])
      let whenTrue = add(branch.whenTrue, id, &count)
      let whenFalse = add(branch.whenFalse, id, &count)
      rows[row] = [
        "\(id)", "\(place)", "\"BRANCH_\(branch.mode)\"", "\(branch.feature)", "\(branch.value)",
        "\(whenTrue)",
        "\(whenFalse)", branch.missingIsTrue ? "1" : "0",
      ]
    }
    return place
  }

  func text(weights prefix: String) -> String {
    var names = [
      "treeids", "nodeids", "modes", "featureids", "values: floats", "truenodeids", "falsenodeids",
    ].map { "nodes_\($0)" }
    if rows.contains(where: { $0[7] == "1" }) { names.append("nodes_missing_value_tracks_true") }
    let weightNames = ["treeids", "nodeids", "ids", "weights: floats"].map { "\(prefix)_\($0)" }
    return (Self.lists(names, rows) + Self.lists(weightNames, weights)).joined(separator: ", ")
  }

  private static func lists(_ names: [String], _ rows: [[String]]) -> [String] {
    names.enumerated().map { column, name in
      "\(name) = [\(rows.map { $0[column] }.joined(separator: ", "))]"
    }
  }
}
