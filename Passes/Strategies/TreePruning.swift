import Candidates
import GraphAnalysis
import GraphIR
import TensorCore

/// Drops trees of ensembles of the main graph that others can stand for.
///
/// Trees are kept in the order of greedy forward selection against the full ensemble's raw scores on calibration rows
/// (`TreeSelection`), for boosted ensembles as for averaged ones: what is kept is scaled by least squares, which for
/// forests comes to n/m and for boosting makes early trees take over what later ones added. What is then missing on
/// the mean goes into the base values. Where an ensemble has no place for constants and all weights are positive, the
/// factor keeps the mean instead.
///
/// Sums and averages only. Every target keeps a tree. The selection takes trees² · rows multiplications, so that very
/// many trees are compared on fewer rows, and left alone where these would be fewer than 32.
struct TreePruning: ScheduleGenerator {
  static let name = "tree-pruning"
  static let summary = "drop trees of ensembles that others can stand for, scaled to what all of them gave"
  static let stage = StrategyStage.narrowing

  private static let mostSamples = 1024
  /// Contributions of trees to rows that are held.
  private static let mostNumbers = 1 << 22
  /// Multiplications of the selection.
  private static let mostProducts = 1 << 29

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    var observed = model.nodes(of: model.mainGraph).filter { !keeping.contains($0) }
      .compactMap { ObservedTrees($0, in: model, limits: (Self.mostNumbers, Self.mostProducts)) }
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard !observed.isEmpty, samples > 0 else { return nil }
    try activations.forEachBatch(of: observed.map(\.table), samples: samples) { tensors in
      for (index, tensor) in tensors.enumerated() where observed.indices.contains(index) {
        try observed[index].add(tensor)
      }
    }
    return ReductionSchedule(observed.compactMap(\.prunable), in: model)
  }

  static let given = "float[N, 3] x"

  static let examples: [StrategyExample] = [
    .changes(
      "a tree that always says the same", ExampleTree.regressor([stump(0, 1, 3), stump(1, 2, 2)]),
      to: ExampleTree.regressor([stump(0, 1, 3)], and: "base_values = [2.0], "), loss: .none),
    .changes(
      "trees that are alike", ExampleTree.regressor([stump(0, 1, 3), stump(0, 1, 3), stump(0, 1, 3)]),
      to: ExampleTree.regressor([stump(0, 3, 9)], and: "base_values = [0.0], "), taking: .first(2),
      loss: .none),
    .keeps(
      "a single tree", ExampleTree.regressor([stump(0, 1, 3)]), because: "every target keeps a tree"),
  ]

  private static func stump(_ feature: Int, _ low: Float, _ high: Float) -> ExampleTree {
    .test(feature, "LEQ", 0, .leaf(low), .leaf(high))
  }
}

/// An ensemble whose trees are followed row by row.
private struct ObservedTrees {
  let node: NodeID
  let table: ValueID
  private let view: TreeEnsembleView
  private var contributions: TreeContributions
  private var isSound = true
  private static let leastRows = 32

  init?(_ node: NodeID, in model: Model, limits: (numbers: Int, products: Int)) {
    guard let (view, table) = TreeEnsembleView.summing(node, in: model), view.trees.count > 1 else {
      return nil
    }
    let numbers = min(limits.numbers, limits.products / view.trees.count)
    contributions = TreeContributions(view.trees, mostNumbers: numbers)
    self.node = node
    self.table = table
    self.view = view
  }

  mutating func add(_ table: Tensor) throws {
    guard isSound else { return }
    isSound = try contributions.add(table, through: view.trees)
  }

  /// Nil where rows could not be followed, or too few.
  var prunable: PrunableTrees? {
    isSound && contributions.rowCount >= Self.leastRows ? PrunableTrees(node, view, contributions) : nil
  }
}
