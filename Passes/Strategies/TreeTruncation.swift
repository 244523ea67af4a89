import Candidates
import GraphAnalysis
import GraphIR
import TensorCore

/// Puts leaves in place of branches of trees, in ensembles of the main graph.
///
/// A leaf gives the mean of the leaves that were below, each weighed by the calibration rows that it stands for
/// (`TreeVisits`), so that scores keep their means. Branches go in the order of cost-complexity pruning, all trees of
/// an ensemble together: the squared error for each leaf that is saved (`WeakestLinks`). Those that no calibration row
/// reaches are among the first.
///
/// Sums and averages only; trees whose nodes have several parents stay. A classifier that has negative weights keeps
/// one: runtimes choose labels by that.
struct TreeTruncation: ScheduleGenerator {
  static let name = "tree-truncation"
  static let summary = "put leaves in place of branches of trees that hardly change a score"
  static let stage = StrategyStage.narrowing

  private static let mostSamples = 4096
  /// Paths from roots to leaves that are followed for one ensemble.
  private static let mostPaths = 1 << 20

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    var visited = model.nodes(of: model.mainGraph).filter { !keeping.contains($0) }
      .compactMap { VisitedTrees($0, in: model, mostPaths: Self.mostPaths) }
    let samples = min(activations.sampleCount, Self.mostSamples)
    guard !visited.isEmpty, samples > 0 else { return nil }
    try activations.forEachBatch(of: visited.map(\.table), samples: samples) { tensors in
      for (index, tensor) in tensors.enumerated() where visited.indices.contains(index) {
        try visited[index].add(tensor)
      }
    }
    return ReductionSchedule(visited.compactMap(\.truncatable), in: model)
  }

  static let given = "float[N, 2] x"

  static let examples: [StrategyExample] = [
    .changes(
      "a branch that decides nothing",
      ExampleTree.regressor([
        .test(0, "LEQ", 0, .leaf(1), .test(1, "LEQ", 0, .leaf(2), .leaf(2)))
      ]),
      to: ExampleTree.regressor([.test(0, "LEQ", 0, .leaf(1), .leaf(2))]), loss: .none),
    .keeps(
      "a leaf", ExampleTree.regressor([.leaf(1)]), because: "there is no branch"),
  ]
}

/// An ensemble whose leaves are counted.
private struct VisitedTrees {
  let node: NodeID
  let table: ValueID
  private let view: TreeEnsembleView
  private var visits: TreeVisits
  private var isSound = true
  private static let leastRows = 32

  init?(_ node: NodeID, in model: Model, mostPaths: Int) {
    guard let (view, table) = TreeEnsembleView.summing(node, in: model) else { return nil }
    visits = TreeVisits(view.trees, mostRows: mostPaths / max(view.trees.count, 1))
    self.node = node
    self.table = table
    self.view = view
  }

  mutating func add(_ table: Tensor) throws {
    guard isSound else { return }
    isSound = try visits.add(table, through: view.trees)
  }

  /// Nil where rows could not be followed, or too few.
  var truncatable: TruncatableTrees? {
    isSound && visits.rowCount >= Self.leastRows ? TruncatableTrees(node, view, visits) : nil
  }
}
