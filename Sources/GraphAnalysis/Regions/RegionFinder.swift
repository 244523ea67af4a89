import GraphIR

/// What lies between a value and the nearest value that dominates it, where no data leaves on the way.
struct RegionLink {
  /// Vertices of the flow.
  let entry: Int
  let exit: Int
  let nodes: [NodeID]
  /// The first vertex through which everything goes that the nodes compute, shapes included.
  let outlet: Int
}

/// Finds the links of a graph, and which of them follow each other.
struct RegionFinder {
  let flow: DataFlow
  /// By exit, in topological order.
  private(set) var links: [RegionLink] = []
  private(set) var isComplete = true
  /// Steps of walks, over all. Links that are nested d deep cost d steps for each of their nodes.
  private var remainingSteps: Int

  init(flow: DataFlow) {
    self.flow = flow
    remainingSteps = max(1 << 20, flow.vertices.count.saturatingMultiply(64))
    for exit in flow.vertices.indices where flow.value(at: exit) != nil && flow.carriesData(exit) {
      guard let entry = flow.dominatingValue(of: exit), let nodes = nodes(from: entry, to: exit),
        let outlet = flow.commonPostDominator(of: nodes)
      else { continue }
      links.append(
        RegionLink(entry: entry, exit: exit, nodes: nodes.compactMap { flow.node(at: $0) }, outlet: outlet))
    }
  }

  /// The vertices of nodes between two values of which the first dominates the second; nil where data of some
  /// leaves in another way.
  ///
  /// It suffices to look at nodes on the way back from `exit`. If `exit` post-dominates each, nothing leaves.
  private mutating func nodes(from entry: Int, to exit: Int) -> [Int]? {
    var seen: Set<Int> = [exit, entry]
    var pending = [exit]
    var found: [Int] = []
    while let vertex = pending.popLast() {
      for previous in flow.predecessors[vertex] where seen.insert(previous).inserted {
        remainingSteps -= 1
        guard remainingSteps > 0 else {
          isComplete = false
          return nil
        }
        guard flow.dataPostDominates(exit, previous) else { return nil }
        if flow.node(at: previous) != nil { found.append(previous) }
        pending.append(previous)
      }
    }
    return found.sorted()
  }

  /// Links that follow each other: the next one's entry is the exit of the one before, and its data has no
  /// other way out. Every link is in one chain.
  func chains() -> [[RegionLink]] {
    var linkAtExit: [Int: Int] = [:]
    for (index, link) in links.enumerated() { linkAtExit[link.exit] = index }
    var next = [Int?](repeating: nil, count: links.count)
    var hasPrevious = [Bool](repeating: false, count: links.count)
    for (index, link) in links.enumerated() {
      guard let previous = linkAtExit[link.entry], flow.dataPostDominates(link.exit, link.entry)
      else { continue }
      next[previous] = index
      hasPrevious[index] = true
    }
    return links.indices.filter { !hasPrevious[$0] }.map { first in
      sequence(first: first) { next[$0] }.map { links[$0] }
    }
  }
}
