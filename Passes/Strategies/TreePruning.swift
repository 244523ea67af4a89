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
  /// Of each ensemble.
  private static let mostSteps = 32
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
    let ensembles = observed.compactMap(\.prunable)
    let schedule = TreePruningSchedule(ensembles, in: model, stepsOfEach: Self.mostSteps)
    return schedule.steps.isEmpty ? nil : schedule
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
    guard TreeEnsembleView.isEnsemble(node, in: model), let table = model.input(0, of: node),
      let view = try? TreeEnsembleView(reading: node, in: model), view.trees.count > 1,
      view.aggregation == .sum || view.aggregation == .average
    else { return nil }
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

private struct TreePruningSchedule: Schedule {
  let steps: [ScheduledStep]
  private let ensembles: [PrunableTrees]
  private let groups: [Group]

  /// The trees that are dropped by a step and by those before it in the same ensemble.
  private struct Group {
    let ensemble: Int
    let trees: ArraySlice<Int>
    let step: ScheduledStep
  }

  init(_ ensembles: [PrunableTrees], in model: Model, stepsOfEach: Int) {
    self.ensembles = ensembles
    let costs = CostModel(model)
    let ofEach = ensembles.indices.map {
      Self.groups(of: $0, ensembles[$0], label: model.label(of: ensembles[$0].node), costs, stepsOfEach)
    }
    // Errors grow along each ensemble, so that its groups stay in order.
    groups = ofEach.joined().enumerated().sorted {
      ($0.element.step.predictedError, $0.offset) < ($1.element.step.predictedError, $1.offset)
    }.map(\.element)
    steps = groups.map(\.step)
  }

  private static func groups(
    of index: Int, _ ensemble: PrunableTrees, label: String, _ costs: CostModel, _ steps: Int
  ) -> [Group] {
    let sizes = ensemble.view.trees.map { $0.reachableNodes().count }
    let total = Double(max(sizes.reduce(0, +), 1))
    let cost = costs[ensemble.node]
    var groups: [Group] = []
    let count = ensemble.view.trees.count
    var (kept, error) = (count, 0.0)
    for next in ensemble.keptCounts(steps: steps) {
      let dropped = ensemble.selection.order[next..<kept]
      error = max(error, ensemble.selection.errors[next])
      let share = Double(dropped.reduce(0) { $0 + sizes[$1] }) / total
      let step = ScheduledStep(
        title: "\(label): \(next) of \(count) trees", nodes: [ensemble.node], predictedError: error,
        saving: Saving(
          parameters: Int(share * Double(cost.parameters)), bytes: Int(share * Double(cost.weightBytes))))
      groups.append(Group(ensemble: index, trees: ensemble.selection.order[next...], step: step))
      kept = next
    }
    return groups
  }

  func apply(_ chosen: [Int], to model: inout Model) throws {
    var dropped = ensembles.map { _ in Set<Int>() }
    for index in chosen where groups.indices.contains(index) {
      dropped[groups[index].ensemble].formUnion(groups[index].trees)
    }
    for (ensemble, gone) in zip(ensembles, dropped) where !gone.isEmpty {
      let kept = ensemble.view.trees.indices.filter { !gone.contains($0) }
      let attributes = ensemble.keeping(kept).attributes(replacing: model.attributes(of: ensemble.node))
      guard let attributes else {
        throw ModelError("has no layout for the trees that are left", node: model.label(of: ensemble.node))
      }
      model.edit(as: TreePruning.name) { $0.setAttributes(of: ensemble.node, to: attributes) }
    }
  }
}
