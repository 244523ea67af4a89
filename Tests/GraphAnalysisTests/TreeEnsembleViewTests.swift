import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@Suite struct TreeEnsembleViewTests {
  /// A stump and a tree of one leaf.
  private static let rows: [String: String] = [
    "n_targets": "1", "nodes_treeids": "[0, 0, 0, 1]", "nodes_nodeids": "[5, 6, 7, 0]",
    "nodes_modes": "[\"BRANCH_LEQ\", \"LEAF\", \"LEAF\", \"LEAF\"]", "nodes_featureids": "[1, 0, 0, 0]",
    "nodes_values": "[2.5, 0.0, 0.0, 0.0]", "nodes_truenodeids": "[6, 0, 0, 0]",
    "nodes_falsenodeids": "[7, 0, 0, 0]", "target_treeids": "[0, 0, 1]", "target_nodeids": "[6, 7, 0]",
    "target_ids": "[0, 0, 0]", "target_weights": "[1.5, 2.5, 3.5]", "nodes_hitrates": "[1.0, 1.0, 1.0, 1.0]",
  ]

  private static let branches: [String: String] = [
    "n_targets": "1", "tree_roots": "[0]", "nodes_modes": "uint8[2] {0, 6}",
    "nodes_splits": "float[2] {1, 0}",
    "nodes_featureids": "[0, 1]", "nodes_trueleafs": "[0, 1]", "nodes_truenodeids": "[1, 0]",
    "nodes_falseleafs": "[1, 1]", "nodes_falsenodeids": "[2, 1]", "leaf_targetids": "[0, 0, 0]",
    "leaf_weights": "float[3] {5, 6, 7}", "membership_values": "float[3] {1, 2, nan}",
  ]

  private func model(_ op: String, _ attributes: [String: String]) throws -> Model {
    let list = attributes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    return try parsed("g (float[N,2] x) => (y) { y = \"ai.onnx.ml\".\(op) <\(list)> (x) }")
  }

  private func view(
    _ op: String = "TreeEnsembleRegressor", _ attributes: [String: String] = rows,
    _ changes: [String: String] = [:]
  ) throws -> TreeEnsembleView {
    let model = try model(op, attributes.merging(changes) { $1 })
    return try TreeEnsembleView(reading: model.nodes(of: model.mainGraph)[0], in: model)
  }

  @Test func rowsAreTrees() throws {
    let view = try view()
    #expect(view.trees.count == 2 && view.targetCount == 1 && view.elementType == .float32)
    #expect(view.trees[1].constantWeights == [TargetWeight(target: 0, weight: 3.5)])
    guard case .branch(let branch) = view.trees[0].nodes[view.trees[0].root],
      case .leaf(let leaf) = view.trees[0].nodes[branch.whenFalse]
    else {
      Issue.record("the root is a branch to leaves")
      return
    }
    #expect(branch.feature == 1 && branch.comparison == .lessOrEqual && branch.threshold == 2.5)
    #expect(leaf == [TargetWeight(target: 0, weight: 2.5)])
  }

  @Test func branchesAndLeavesAreTrees() throws {
    let view = try view("TreeEnsemble", Self.branches)
    guard case .branch(let root) = view.trees[0].nodes[0],
      case .branch(let inner) = view.trees[0].nodes[root.whenTrue]
    else {
      Issue.record("the true side of the root is a branch")
      return
    }
    #expect(inner.comparison == .member && inner.members == [1, 2])
  }

  @Test(arguments: ["TreeEnsembleRegressor", "TreeEnsemble"])
  func whatIsWrittenReadsTheSame(_ op: String) throws {
    let model = try model(op, op == "TreeEnsemble" ? Self.branches : Self.rows)
    let node = model.nodes(of: model.mainGraph)[0]
    let first = try TreeEnsembleView(reading: node, in: model)
    let attributes = try #require(first.attributes(replacing: model.attributes(of: node)))
    #expect(!attributes.contains { $0.name == "nodes_hitrates" })
    var edited = model
    edited.edit(as: "test") { $0.setAttributes(of: node, to: attributes) }
    let second = try TreeEnsembleView(reading: node, in: edited)
    #expect(
      "\(first.trees.map { $0.reachableNodes().map { $0 } })" == "\(second.trees.map { $0.reachableNodes() })"
    )
    let again = try #require(second.attributes(replacing: attributes))
    #expect(
      zip(attributes, again).allSatisfy { $0.name == $1.name && $0.value.isIdentical(to: $1.value) })
  }

  @Test(arguments: [
    ("nodes_truenodeids", "[5, 0, 0, 0]", "cycle"), ("nodes_truenodeids", "[9, 0, 0, 0]", "not there"),
    ("nodes_truenodeids", "[6, 0, 0]", "elements"), ("nodes_nodeids", "[5, 6, 6, 0]", "twice"),
    ("nodes_treeids", "[0, 1, 0, 1]", "not there"), ("nodes_featureids", "[-1, 0, 0, 0]", "negative"),
    ("nodes_modes", "[\"BRANCH_LEQ\", \"LEAF\", \"LEAF\", \"TWIG\"]", "no mode"),
    ("nodes_values", "[1, 2, 3, 4]", "floats"), ("target_ids", "[0, 0, 1]", "out of range"),
    ("target_ids", "[0, 0, -9223372036854775808]", "out of range"),
    ("target_nodeids", "[5, 7, 0]", "no leaf"),
    ("target_weights", "[1.5]", "elements"), ("n_targets", "0", "no targets"),
    ("aggregate_function", "\"MEDIAN\"", "no aggregation"),
    ("nodes_missing_value_tracks_true", "[1]", "elements"),
    ("nodes_values_as_tensor", "double[4] {1, 2, 3, 4}", "twice"),
  ])
  func brokenRowsAreRefused(_ name: String, _ value: String, _ reason: String) throws {
    let error = #expect(throws: ModelError.self) { try view(changes: [name: value]) }
    #expect("\(try #require(error))".contains(reason))
  }

  private func view(changes: [String: String]) throws -> TreeEnsembleView {
    try view("TreeEnsembleRegressor", Self.rows, changes)
  }

  @Test(arguments: [
    ("tree_roots", "[2]", "not there"), ("tree_roots", "[-1]", "not there"),
    ("tree_roots", "[0, 0, 0, 0]", "share"),
    ("nodes_truenodeids", "[0, 0]", "cycle"), ("nodes_falsenodeids", "[3, 1]", "not there"),
    ("nodes_modes", "uint8[2] {0, 7}", "no mode"), ("nodes_modes", "uint8[1] {0}", "modes"),
    ("membership_values", "float[1] {1}", "members"), ("leaf_targetids", "[0, 0]", "elements"),
    ("leaf_weights", "double[3] {5, 6, 7}", "types"), ("nodes_trueleafs", "[0]", "elements"),
    ("aggregate_function", "9", "no aggregation"),
  ])
  func brokenBranchesAreRefused(_ name: String, _ value: String, _ reason: String) throws {
    let error = #expect(throws: ModelError.self) { try view("TreeEnsemble", Self.branches, [name: value]) }
    #expect("\(try #require(error))".contains(reason))
  }

  @Test func treesThatAreTooDeepAreRefused() throws {
    let depth = TreeEnsembleView.maximumDepth + 1
    func list(_ element: (Int) -> String) -> String {
      "[\((0...2 * depth).map(element).joined(separator: ", "))]"
    }
    let isLeaf = { (place: Int) in place % 2 == 1 || place == 2 * depth }
    let changes = [
      "nodes_treeids": list { _ in "0" }, "nodes_nodeids": list { "\($0)" },
      "nodes_modes": list { isLeaf($0) ? "\"LEAF\"" : "\"BRANCH_LT\"" },
      "nodes_featureids": list { _ in "0" },
      "nodes_values": list { "\(Float($0))" }, "nodes_truenodeids": list { "\(isLeaf($0) ? 0 : $0 + 1)" },
      "nodes_falsenodeids": list { "\(isLeaf($0) ? 0 : $0 + 2)" }, "target_treeids": "[0]",
      "target_nodeids": "[1]", "target_ids": "[0]", "target_weights": "[1.0]", "nodes_hitrates": "[1.0]",
    ]
    let error = #expect(throws: ModelError.self) { try view(changes: changes) }
    #expect("\(try #require(error))".contains("too deep"))
  }

  /// Converters express sets of categories by tests whose true sides are one node.
  @Test func sharedNodesStayShared() throws {
    let changes = [
      "nodes_modes": "[\"BRANCH_EQ\", \"BRANCH_EQ\", \"LEAF\", \"LEAF\"]", "nodes_treeids": "[0, 0, 0, 0]",
      "nodes_nodeids": "[0, 1, 2, 3]", "nodes_truenodeids": "[3, 3, 0, 0]",
      "nodes_falsenodeids": "[1, 2, 0, 0]",
      "nodes_values": "[1.0, 2.0, 0.0, 0.0]", "target_treeids": "[0, 0]", "target_nodeids": "[2, 3]",
      "target_ids": "[0, 0]", "target_weights": "[1.0, 2.0]",
    ]
    let view = try view(changes: changes)
    let simpler = view.simplified()
    #expect(simpler.trees[0].reachableNodes().count == 4)
    #expect(simpler.attributes(replacing: []) != nil)
  }

  /// A ladder of nodes with two parents each would have 2⁶⁴ paths.
  @Test func pathsAreNotCounted() throws {
    let leaf = DecisionNode.leaf([TargetWeight(target: 0, weight: 1)])
    let other = DecisionNode.leaf([TargetWeight(target: 0, weight: 2)])
    let rungs = (0..<64).flatMap { rung -> [DecisionNode] in
      (0..<2).map { side in
        .branch(
          DecisionBranch(
            feature: 2 * rung + side, comparison: .less, threshold: 0, missingIsTrue: false,
            whenTrue: 2 * rung + 2, whenFalse: 2 * rung + 3))
      }
    }
    let tree = DecisionTree(nodes: rungs + [leaf, other], root: 0)
    #expect(TreeSimplifier.simplified(tree).reachableNodes().count == 129)
  }
}
