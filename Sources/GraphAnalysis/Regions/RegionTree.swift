import GraphIR
import TensorCore

/// The single-entry single-exit regions of one graph, as a tree, and its residual joins.
///
/// At most one *minimal* region ends at a value x: it begins at the nearest value e that dominates x, and is a
/// region if x post-dominates all that lies between. Minimal regions that follow each other, each reading
/// nothing but the exit of the one before, make up a *run*. `regions` holds all minimal regions and the longest
/// regions of each run: at most two for each value, nested or disjoint, as in a program structure tree (Johnson,
/// Pearson and Pingali, "The program structure tree", PLDI 1994). All other regions lie between two cuts of a
/// run. They are not listed, for there are quadratically many; `section` makes one, and
/// `shortestTypePreservingSections` those that can be bypassed.
///
/// Nodes whose data reaches no output are ignored, nodes of bodies belong to their owner. Values computed from constants
/// or shapes only may enter a region anywhere, and so may inputs in `sideInputs` (an attention mask, say).
public struct RegionTree: Sendable {
  /// Sorted by the place of the exit; of those with the same exit, the smaller first.
  public let regions: [Region]
  public let runs: [RegionRun]
  /// In the graph's order.
  public let residualJoins: [ResidualJoin]
  /// Whether everything was enumerated. Graphs nested deeper than the work limit allows lose regions and joins.
  public let isComplete: Bool
  private let longestRegions: [[Int?]]

  /// About linear in the nodes, times the depth to which regions are nested.
  public init(of graph: GraphID, in model: Model, sideInputs: Set<ValueID> = []) {
    self.init(of: DataFlow(of: graph, in: model, sideInputs: sideInputs))
  }

  init(of flow: DataFlow) {
    let finder = RegionFinder(flow: flow)
    runs = finder.chains().map { RegionRun($0, in: flow) }
    let nesting = RegionNesting(of: runs) { flow.vertex(of: $0) ?? 0 }
    regions = nesting.regions
    longestRegions = nesting.longestRegions
    let joins = ResidualJoin.all(of: flow)
    residualJoins = joins.joins
    isComplete = finder.isComplete && joins.isComplete
  }

  /// The region between two cuts of `runs[run]`; nil where there is none. Its parent is the longest region of
  /// the run around it.
  public func section(ofRun run: Int, from first: Int, to last: Int) -> Region? {
    guard runs.indices.contains(run), runs[run].isRegion(from: first, to: last) else { return nil }
    return Region(
      entry: runs[run].cuts[first], exit: runs[run].cuts[last],
      nodes: runs[run].nodes(from: first, to: last), parent: longestRegions[run][first])
  }

  /// For each cut of each run, the shortest section that ends there and has the same known type at both ends, if
  /// `regions` does not have it.
  public func shortestTypePreservingSections(in model: Model) -> [Region] {
    runs.indices.flatMap { run in
      var latest: [TensorType: Int] = [:]
      return runs[run].cuts.enumerated().compactMap { last, cut -> Region? in
        guard let type = model.type(of: cut)?.tensorType,
          type.shape?.dimensions.contains(.unknown) == false
        else { return nil }
        defer { latest[type] = last }
        guard let first = latest[type], last - first > 1,
          let section = section(ofRun: run, from: first, to: last),
          section.parent.map({ regions[$0].nodes.count }) != section.nodes.count
        else { return nil }
        return section
      }
    }
  }
}
