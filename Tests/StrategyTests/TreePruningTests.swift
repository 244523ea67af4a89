import Candidates
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

@Suite struct TreePruningTests {
  private static let given = "float[N, 3] x"

  private static func stump(_ low: Float, _ high: Float, _ feature: Int = 0, at value: Float = 0)
    -> ExampleTree
  {
    .test(feature, "LEQ", value, .leaf(low), .leaf(high))
  }

  /// Ever smaller steps of three features, as boosting makes them.
  private static let boosted = (0..<12).map { index in
    stump(-8 / Float(1 << index), 10 / Float(1 << index), index % 3, at: Float(index) / 8 - 0.5)
  }

  private static func shares(_ count: Float) -> ExampleTree {
    .test(
      0, "GT", 0.25, .leaf(0.75 / count, 0.25 / count, 0 / count),
      .test(1, "LT", 0, .leaf(0 / count, 0.5 / count, 0.5 / count), .leaf(0.25 / count, 0, 0.75 / count)))
  }

  /// Branches and leaves: two stumps of two features.
  private static let branches = """
    y = "ai.onnx.ml".TreeEnsemble<n_targets = 1, aggregate_function = 1, tree_roots = [0, 1], \
    nodes_modes = uint8[2] {0, 0}, nodes_splits = float[2] {0, 0.5}, nodes_featureids = [0, 1], \
    nodes_trueleafs = [1, 1], nodes_truenodeids = [0, 2], nodes_falseleafs = [1, 1], nodes_falsenodeids = [1, 3], \
    leaf_targetids = [0, 0, 0, 0], leaf_weights = float[4] {5, 9, 1, 3}>(x)
    """

  private func schedule(_ model: Model, keeping: Set<NodeID> = []) throws -> (any Schedule)? {
    try TreePruning().schedule(
      for: model, keeping: keeping, activations: RuntimeActivations(model, [3], batches: 2))
  }

  private func trees(_ model: Model) throws -> [DecisionTree] {
    let node = try #require(model.treeEnsembles.first)
    return try TreeEnsembleView(reading: node, in: model).trees
  }

  private func rows(_ model: Model, output: Int = 0) throws -> [Double] {
    var random = RandomSource(seed: 7)
    let x = try Tensor(.float32, rounding: random.normals(64 * 3), [64, 3])
    return try model.run(["x": x])[output].doubles()
  }

  private func meanDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.1 - $1.0 } / Double(a.count)
  }

  @Test func whatAddsLeastGoesFirstAndTheMeanStays() throws {
    let original = try channelModel(ExampleTree.regressor(Self.boosted), given: Self.given)
    let schedule = try #require(try schedule(original))
    let errors = schedule.steps.map(\.predictedError)
    #expect(errors == errors.sorted() && errors.last ?? 0 > 0.01 && errors.first ?? 1 < 1e-4)
    var pruned = original
    try schedule.apply(first: 4, to: &pruned)
    try Verifier.verify(pruned)
    let left = try trees(pruned)
    #expect(left.count < 12 && left.count > 1)
    let largest = try trees(original)[0]
    guard case .branch(let first) = left[0].nodes[0], case .branch(let before) = largest.nodes[0] else {
      Issue.record("the first tree stays")
      return
    }
    #expect(first.threshold == before.threshold)
    #expect(try abs(meanDifference(rows(original), rows(pruned))) < 0.05)
  }

  @Test func predictedErrorsAreThoseOfTheRuntime() throws {
    let original = try channelModel(ExampleTree.regressor(Self.boosted), given: Self.given)
    let schedule = try #require(try schedule(original))
    let activations = try RuntimeActivations(original, [3], batches: 2)
    for count in 1...schedule.steps.count {
      var pruned = original
      try schedule.apply(first: count, to: &pruned)
      var (full, left): ([Double], [Double]) = ([], [])
      for batch in activations.batches {
        full += try original.run(batch)[0].doubles()
        left += try pruned.run(batch)[0].doubles()
      }
      let mean = full.reduce(0, +) / Double(full.count)
      let variance = full.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = zip(full, left).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / variance
      #expect(abs(error - schedule.steps[count - 1].predictedError) < 1e-5)
    }
  }

  @Test(arguments: ["LEQ", "LT", "GTE", "GT", "EQ", "NEQ"])
  func treesAreFollowedAsTheRuntimeDoes(_ mode: String) throws {
    let text = ExampleTree.regressor([
      .test(0, mode, 1, missing: true, .leaf(1), .leaf(2)), .test(1, mode, 0, .leaf(4), .leaf(8)),
    ])
    let model = try channelModel(text, given: Self.given)
    let x = try Tensor(
      float32: [1, 0, 0, 2, -1, 0, .infinity, 3, 0, -0.0, -0.0, 0, .nan, 1, 0].map {
        mode == "NEQ" && $0.isNaN ? 3 : $0
      }, [5, 3])
    let trees = try trees(model)
    var contributions = TreeContributions(trees, mostNumbers: 1 << 10)
    let isSound = try contributions.add(x, through: trees)
    let expected = try model.run(["x": x])[0].doubles()
    #expect(isSound && contributions.sum(of: [0, 1]) == expected)
  }

  @Test func sharesOfForestsStillSumToOne() throws {
    let forest = ExampleTree.classifier([ExampleTree](repeating: Self.shares(8), count: 8), classes: 3)
    let original = try channelModel(forest, given: Self.given)
    let schedule = try #require(try schedule(original))
    var pruned = original
    try schedule.apply(first: schedule.steps.count, to: &pruned)
    #expect(try trees(pruned).count == 1)
    #expect(try rows(pruned, output: 1) == rows(original, output: 1))
    #expect(try rows(pruned) == rows(original))
  }

  @Test func averagesKeepTheirWeights() throws {
    let text = ExampleTree.regressor(
      [ExampleTree](repeating: Self.stump(1, 3), count: 6), and: "aggregate_function = \"AVERAGE\", ")
    let original = try channelModel(text, given: Self.given)
    var pruned = original
    let schedule = try #require(try schedule(original))
    try schedule.apply(first: schedule.steps.count, to: &pruned)
    let left = try trees(pruned)
    #expect(left.count == 1)
    #expect(zip(try rows(pruned), try rows(original)).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func branchesAndLeavesTakeConstantsAsATree() throws {
    let original = try channelModel(Self.branches, given: Self.given, opset: 22)
    var pruned = original
    let schedule = try #require(try schedule(original))
    try schedule.apply(first: schedule.steps.count, to: &pruned)
    try Verifier.verify(pruned)
    #expect(try abs(meanDifference(rows(original), rows(pruned))) < 0.3)
    #expect(try rows(pruned) != rows(original))
  }

  @Test func everyClassKeepsATreeAndSignsStay() throws {
    func tree(_ target: Int, _ low: Float, _ high: Float) -> ExampleTree {
      func leaf(_ value: Float) -> ExampleTree { .leaf((0..<3).map { $0 == target ? value : nil }) }
      return .test(target, "LEQ", 0, leaf(low), leaf(high))
    }
    let trees = (0..<9).map { tree($0 % 3, $0 == 8 ? -0.01 : 1, $0 % 3 == 2 ? 1.1 : 3) }
    let original = try channelModel(ExampleTree.classifier(trees, classes: 3), given: Self.given)
    var pruned = original
    let schedule = try #require(try schedule(original))
    try schedule.apply(first: schedule.steps.count, to: &pruned)
    let left = try self.trees(pruned)
    #expect(Set(left.flatMap(\.weightedTargets)) == [0, 1, 2])
    #expect(left.contains { $0.hasNegativeWeight })
  }

  @Test func eachStepAloneLeavesWhatItsTitleSays() throws {
    let original = try channelModel(ExampleTree.regressor(Self.boosted), given: Self.given)
    let schedule = try #require(try schedule(original))
    for (step, count) in zip(schedule.steps.indices, schedule.steps.map(\.title)) {
      var model = original
      try schedule.apply([step], to: &model)
      try Verifier.verify(model)
      #expect(try count.hasSuffix(": \(trees(model).count) of 12 trees"))
    }
  }

  @Test func whatCannotBeComparedStays() throws {
    let single = try channelModel(ExampleTree.regressor([Self.stump(1, 2)]), given: Self.given)
    #expect(try schedule(single) == nil)
    let greatest = try channelModel(
      ExampleTree.regressor(Self.boosted, and: "aggregate_function = \"MAX\", "), given: Self.given)
    #expect(try schedule(greatest) == nil)
    let constant = try channelModel(
      ExampleTree.regressor([Self.stump(1, 1), Self.stump(2, 2)]), given: Self.given)
    #expect(try schedule(constant) == nil)
    let boosted = try channelModel(ExampleTree.regressor(Self.boosted), given: Self.given)
    #expect(try schedule(boosted, keeping: Set(boosted.treeEnsembles)) == nil)
  }

  @Test(arguments: 0..<60) func survivesLies(_ seed: Int) throws {
    let texts = [
      ExampleTree.regressor(Self.boosted), Self.branches,
      ExampleTree.classifier([ExampleTree](repeating: Self.shares(2), count: 2), classes: 3),
    ]
    let named = try NamedModel(example: texts[seed % 3], given: Self.given, opset: 22)
    var liar = Liar(random: .derived(from: UInt64(seed), for: "trees"))
    guard let model = try? Model(liar.changed(named)) else { return }
    let activations = InventedTables(seed: UInt64(seed))
    guard let schedule = try TreePruning().schedule(for: model, keeping: [], activations: activations)
    else { return }
    for count in [1, schedule.steps.count] {
      var pruned = model
      try? schedule.apply(first: count, to: &pruned)
    }
  }
}
