import GraphAnalysis
import GraphIR

/// A tree ensemble of which some branches can become leaves.
struct TruncatableTrees: ReducibleTrees {
  static let strategy = TreeTruncation.name
  let node: NodeID
  let steps: [ReductionStep]
  private let view: TreeEnsembleView
  /// Of all trees, the weakest links first.
  private let cuts: [(tree: Int, cut: WeakestLinks.Cut)]
  /// How many of them have been made after each step.
  private let cutCounts: [Int]

  /// - Returns: nil where no branch can go, or scores do not vary.
  init?(_ node: NodeID, _ view: TreeEnsembleView, _ visits: TreeVisits) {
    guard let variation = visits.variation else { return nil }
    let cuts = Self.cuts(of: view, visits)
    let sizes = view.trees.map { $0.reachableNodes().count }
    let size = sizes.reduce(0, +)
    var counts = Self.cutCounts(cuts.map { 2 * $0.cut.leaves }, size: size, least: view.trees.count)
    while let last = counts.last, !view.truncated(by: cuts[..<last]).decides(as: view) { counts.removeLast() }
    guard !counts.isEmpty else { return nil }
    self.node = node
    self.view = view
    self.cuts = cuts
    cutCounts = counts
    var (error, left, made) = (0.0, size, 0)
    steps = counts.map { count in
      let new = cuts[made..<count]
      let gone = new.reduce(0) { $0 + 2 * $1.cut.leaves }
      error += new.reduce(0) { $0 + $1.cut.error }
      left -= gone
      made = count
      // As if trees erred independently of each other.
      return ReductionStep(
        title: "\(left) of \(size) tree nodes", predictedError: error / variation,
        share: Double(gone) / Double(size))
    }
  }

  private static func cuts(
    of view: TreeEnsembleView, _ visits: TreeVisits
  ) -> [(tree: Int, cut: WeakestLinks.Cut)] {
    let ofTrees = view.trees.enumerated().map { index, tree in
      let leaves = tree.reachableNodes().filter { if case .leaf = tree.nodes[$0] { true } else { false } }
      let links = WeakestLinks(tree, masses: visits.masses(ofTree: index, leaves: leaves))
      return (links?.cuts ?? []).map { (tree: index, cut: $0) }
    }
    return ofTrees.joined().enumerated().sorted {
      ($0.element.cut.ratio, $0.offset) < ($1.element.cut.ratio, $1.offset)
    }.map(\.element)
  }

  /// How many cuts leave at most as many nodes as each step is to leave.
  private static func cutCounts(_ saved: [Int], size: Int, least: Int) -> [Int] {
    var counts: [Int] = []
    var (left, made) = (size, 0)
    for wanted in ReductionSchedule.counts(from: size, to: least) {
      while made < saved.count, left > wanted {
        left -= saved[made]
        made += 1
      }
      if made > counts.last ?? 0 { counts.append(made) }
    }
    return counts
  }

  func view(after count: Int) -> TreeEnsembleView { view.truncated(by: cuts[..<cutCounts[count - 1]]) }
}

extension TreeEnsembleView {
  fileprivate func truncated(by cuts: ArraySlice<(tree: Int, cut: WeakestLinks.Cut)>) -> TreeEnsembleView {
    var result = self
    for (tree, cut) in cuts { result.trees[tree].nodes[cut.node] = .leaf(cut.weights) }
    return result
  }

  /// Runtimes choose labels by whether there are negative weights.
  fileprivate func decides(as other: TreeEnsembleView) -> Bool {
    !isClassifier
      || trees.contains { $0.hasNegativeWeight } == other.trees.contains { $0.hasNegativeWeight }
  }
}
