import Candidates
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

@Suite struct TreeTruncationTests {
  private static let given = "float[N, 3] x"

  /// A first test that decides nearly everything, and ever finer ones below it.
  private static func tree(_ feature: Int) -> ExampleTree {
    .test(
      feature, "LEQ", 0,
      .test((feature + 1) % 3, "LEQ", 0, .leaf(1), .test(feature, "LEQ", -9, .leaf(7), .leaf(1.25))),
      .test(
        (feature + 1) % 3, "GT", 0.5, .leaf(3),
        .test((feature + 2) % 3, "LT", 0, .leaf(3.5), .leaf(3.75))))
  }

  private static let regressor = ExampleTree.regressor([tree(0), tree(1)])

  private func schedule(_ model: Model, keeping: Set<NodeID> = []) throws -> (any Schedule)? {
    try TreeTruncation().schedule(
      for: model, keeping: keeping, activations: RuntimeActivations(model, [3], batches: 4))
  }

  private func view(_ model: Model) throws -> TreeEnsembleView {
    try TreeEnsembleView(reading: try #require(model.treeEnsembles.first), in: model)
  }

  private func size(_ model: Model) throws -> Int {
    try view(model).trees.reduce(0) { $0 + $1.reachableNodes().count }
  }

  private func leafWeights(_ tree: DecisionTree) -> [Double] {
    tree.reachableNodes().flatMap { index -> [Double] in
      if case .leaf(let weights) = tree.nodes[index] { weights.map(\.weight) } else { [] }
    }
  }

  @Test func stepsGoFromHarmlessToHarmfulAndKeepTheMean() throws {
    let original = try channelModel(Self.regressor, given: Self.given)
    let schedule = try #require(try schedule(original))
    let errors = schedule.steps.map(\.predictedError)
    #expect(errors == errors.sorted() && errors[0] < 0.01 && errors[errors.count - 1] > 0.5)
    let activations = try RuntimeActivations(original, [3], batches: 4)
    var last = try size(original)
    for count in 1...schedule.steps.count {
      var truncated = original
      try schedule.apply(first: count, to: &truncated)
      try Verifier.verify(truncated)
      let size = try size(truncated)
      #expect(size < last && schedule.steps[count - 1].title.hasSuffix(": \(size) of 22 tree nodes"))
      last = size
      var difference = 0.0
      for batch in activations.batches {
        let (full, left) = try (original.run(batch)[0].doubles(), truncated.run(batch)[0].doubles())
        difference += zip(full, left).reduce(0) { $0 + $1.1 - $1.0 }
      }
      #expect(abs(difference / Double(activations.sampleCount)) < 0.1)
    }
    #expect(last == 2)
  }

  @Test func predictedErrorOfOneTreeIsThatOfTheRuntime() throws {
    // Every leaf is reached often, so that none stands for rows to come.
    let text = ExampleTree.regressor([
      .test(
        0, "LEQ", 0, .test(1, "LEQ", 0, .leaf(1), .leaf(2)), .test(2, "LEQ", 0, .leaf(4), .leaf(8)))
    ])
    let original = try channelModel(text, given: Self.given)
    let schedule = try #require(try schedule(original))
    let activations = try RuntimeActivations(original, [3], batches: 4)
    #expect(schedule.steps.count == 3)
    for count in 1...schedule.steps.count {
      var truncated = original
      try schedule.apply(first: count, to: &truncated)
      var (full, left): ([Double], [Double]) = ([], [])
      for batch in activations.batches {
        full += try original.run(batch)[0].doubles()
        left += try truncated.run(batch)[0].doubles()
      }
      let mean = full.reduce(0, +) / Double(full.count)
      let variation = full.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = zip(full, left).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / variation
      #expect(abs(error - schedule.steps[count - 1].predictedError) < 1e-5)
    }
  }

  @Test func branchesThatNoRowReachesGoFirst() throws {
    let original = try channelModel(
      ExampleTree.regressor([
        .test(0, "LEQ", 50, .test(1, "LEQ", 0, .leaf(1), .leaf(2)), .test(1, "LEQ", 0, .leaf(90), .leaf(70)))
      ]), given: Self.given)
    let schedule = try #require(try schedule(original))
    var truncated = original
    try schedule.apply([0], to: &truncated)
    #expect(try leafWeights(view(truncated).trees[0]) == [1, 2, 80])
  }

  @Test func leavesAreWeighedByTheRowsThatReachThem() throws {
    // Of 256 rows about a sixth reach the left leaf.
    let original = try channelModel(
      ExampleTree.regressor([.test(0, "LEQ", -1, .leaf(1), .leaf(2)), Self.tree(1)]), given: Self.given)
    let schedule = try #require(try schedule(original))
    var truncated = original
    try schedule.apply(first: schedule.steps.count, to: &truncated)
    let mean = try #require(try view(truncated).trees[0].constantWeights?.first).weight
    #expect(abs(mean - 1.84) < 0.06)
  }

  @Test func sharesOfForestsStillSumToOne() throws {
    let tree = ExampleTree.test(
      0, "GT", 0.25, .leaf(0.5, nil, nil),
      .test(
        1, "LT", 0, .leaf(nil, 0.25, 0.25), .test(2, "LT", 0, .leaf(0.125, nil, 0.375), .leaf(nil, nil, 0.5)))
    )
    let original = try channelModel(ExampleTree.classifier([tree, tree], classes: 3), given: Self.given)
    let schedule = try #require(try schedule(original))
    let batch = try RuntimeActivations(original, [3], batches: 1).batches[0]
    for count in 1...schedule.steps.count {
      var truncated = original
      try schedule.apply(first: count, to: &truncated)
      let scores = try truncated.run(batch)[1].doubles()
      for row in stride(from: 0, to: scores.count, by: 3) {
        #expect(abs(scores[row] + scores[row + 1] + scores[row + 2] - 1) < 1e-6)
      }
    }
  }

  @Test func averagesAndBranchesApartAreTakenToo() throws {
    let average = ExampleTree.regressor(
      [Self.tree(0), Self.tree(1)], and: "aggregate_function = \"AVERAGE\", ")
    let branches = """
      y = "ai.onnx.ml".TreeEnsemble<n_targets = 1, aggregate_function = 1, tree_roots = [0], \
      nodes_modes = uint8[2] {0, 0}, nodes_splits = float[2] {0, 0.5}, nodes_featureids = [0, 1], \
      nodes_trueleafs = [1, 1], nodes_truenodeids = [0, 1], nodes_falseleafs = [0, 1], nodes_falsenodeids = [1, 2], \
      leaf_targetids = [0, 0, 0], leaf_weights = float[3] {5, 9, 1}>(x)
      """
    for text in [average, branches] {
      let original = try channelModel(text, given: Self.given, opset: 22)
      let schedule = try #require(try schedule(original))
      var truncated = original
      try schedule.apply([0], to: &truncated)
      try Verifier.verify(truncated)
      let batch = try RuntimeActivations(original, [3], batches: 1).batches[0]
      #expect(try truncated.run(batch)[0].doubles().allSatisfy { $0.isFinite && $0 > 0 && $0 < 10 })
      #expect(try size(truncated) < size(original))
    }
  }

  @Test func classifiersKeepANegativeWeight() throws {
    let tree = ExampleTree.test(
      0, "LEQ", 0, .test(1, "LEQ", 1.5, .leaf(3), .leaf(-10)), .test(1, "LEQ", 0, .leaf(2), .leaf(6)))
    let original = try channelModel(ExampleTree.classifier([tree], classes: 2), given: Self.given)
    let schedule = try #require(try schedule(original))
    for count in 1...schedule.steps.count {
      var truncated = original
      try schedule.apply(first: count, to: &truncated)
      #expect(try view(truncated).trees.contains { $0.hasNegativeWeight })
    }
  }

  @Test func followsTreePruning() throws {
    let original = try channelModel(
      ExampleTree.regressor((0..<6).map { Self.tree($0 % 3) }), given: Self.given)
    let activations = try RuntimeActivations(original, [3], batches: 2)
    let pruning = try #require(
      try TreePruning().schedule(for: original, keeping: [], activations: activations))
    var model = original
    try pruning.apply([1], to: &model)
    let pruned = try size(model)
    let truncation = try #require(try schedule(model))
    try truncation.apply([0], to: &model)
    try Verifier.verify(model)
    #expect(try size(model) < pruned && pruned < size(original))
  }

  @Test func whatCannotBeTruncatedStays() throws {
    let greatest = try channelModel(
      ExampleTree.regressor([Self.tree(0), Self.tree(1)], and: "aggregate_function = \"MAX\", "),
      given: Self.given)
    #expect(try schedule(greatest) == nil)
    let leaves = try channelModel(ExampleTree.regressor([.leaf(1), .leaf(2)]), given: Self.given)
    #expect(try schedule(leaves) == nil)
    let constant = try channelModel(
      ExampleTree.regressor([.test(0, "LEQ", 0, .leaf(1), .leaf(1))]), given: Self.given)
    #expect(try schedule(constant) == nil)
    let infinite = try channelModel(
      ExampleTree.regressor([.test(0, "LEQ", 0, .leaf(.infinity), .leaf(1))]), given: Self.given)
    #expect(try schedule(infinite) == nil)
    let model = try channelModel(Self.regressor, given: Self.given)
    #expect(try schedule(model, keeping: Set(model.treeEnsembles)) == nil)
  }

  @Test func branchesWithSeveralParentsStay() {
    let shared = DecisionBranch(
      feature: 0, comparison: .less, threshold: 0, missingIsTrue: false, whenTrue: 2, whenFalse: 3)
    func test(_ whenTrue: Int, _ whenFalse: Int) -> DecisionNode {
      .branch(
        DecisionBranch(
          feature: 1, comparison: .less, threshold: 0, missingIsTrue: false, whenTrue: whenTrue,
          whenFalse: whenFalse))
    }
    let leaves = [1.0, 2].map { DecisionNode.leaf([TargetWeight(target: 0, weight: $0)]) }
    let tree = DecisionTree(nodes: [test(1, 4), .branch(shared)] + leaves + [test(1, 3)], root: 0)
    #expect(WeakestLinks(tree, masses: [1, 1, 1, 1, 1]) == nil)
  }

  @Test(arguments: 0..<40) func survivesLies(_ seed: Int) throws {
    let named = try NamedModel(example: Self.regressor, given: Self.given, opset: 22)
    var liar = Liar(random: .derived(from: UInt64(seed), for: "truncation"))
    guard let model = try? Model(liar.changed(named)),
      let schedule = try TreeTruncation().schedule(
        for: model, keeping: [], activations: InventedTables(seed: UInt64(seed)))
    else { return }
    for count in [1, schedule.steps.count] {
      var truncated = model
      try? schedule.apply(first: count, to: &truncated)
    }
  }
}
