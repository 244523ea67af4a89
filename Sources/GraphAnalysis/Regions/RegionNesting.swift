import GraphIR

/// Arranges the regions of runs, which are nested or disjoint, as a tree.
struct RegionNesting {
  private struct Draft {
    let entry: ValueID
    let exit: ValueID
    let nodes: [NodeID]
    let run: Int
    let cuts: Range<Int>
  }

  let regions: [Region]
  /// For each run and each of its links, the index of the longest region of that run around the link.
  let longestRegions: [[Int?]]

  /// `position` orders values.
  init(of runs: [RegionRun], position: (ValueID) -> Int) {
    let drafts = Self.drafts(of: runs).sorted {
      (position($0.exit), $0.nodes.count) < (position($1.exit), $1.nodes.count)
    }
    regions = zip(drafts, Self.parents(of: drafts)).map { draft, parent in
      Region(entry: draft.entry, exit: draft.exit, nodes: draft.nodes, parent: parent)
    }
    var longest = runs.map { [Int?](repeating: nil, count: $0.links.count) }
    for (index, draft) in drafts.enumerated() where draft.cuts.count > 1 {
      for link in draft.cuts { longest[draft.run][link] = index }
    }
    longestRegions = longest
  }

  /// Every link that is a region, and the longest regions of more links.
  private static func drafts(of runs: [RegionRun]) -> [Draft] {
    runs.enumerated().flatMap { index, run in
      let single = run.links.indices.filter { run.isRegion(from: $0, to: $0 + 1) }.map { $0..<($0 + 1) }
      let longest = run.longestRegions.map { $0.first..<$0.last }.filter { $0.count > 1 }
      return (single + longest).map { cuts in
        Draft(
          entry: run.cuts[cuts.lowerBound], exit: run.cuts[cuts.upperBound],
          nodes: run.nodes(from: cuts.lowerBound, to: cuts.upperBound), run: index, cuts: cuts)
      }
    }
  }

  /// Going from small to large, the regions that a region encloses directly are those that lie outermost over
  /// its nodes so far.
  private static func parents(of drafts: [Draft]) -> [Int?] {
    var parents = [Int?](repeating: nil, count: drafts.count)
    var outermost: [NodeID: Int] = [:]
    let bySize = drafts.indices.sorted { (drafts[$0].nodes.count, $0) < (drafts[$1].nodes.count, $1) }
    for index in bySize {
      for node in drafts[index].nodes {
        if let inner = outermost[node], parents[inner] == nil { parents[inner] = index }
        outermost[node] = index
      }
    }
    return parents
  }
}
