extension Model {
  /// Sorts the nodes of every graph so that definitions come before uses; graphs that are sorted stay as they
  /// are, others change as little as a stable sort allows.
  /// - Throws: `ModelError` that names the nodes of a cycle.
  mutating func sortTopologically() throws {
    let positions = nodePositions()
    for graph in allGraphs where !isSorted(graph, positions: positions) {
      let order = try topologicalOrder(of: graph)
      for node in order {
        unlinkFromOrder(node)
        link(node, before: graphs[graph].terminator)
      }
    }
  }

  /// The place of each node within its graph, by handle; terminators come last.
  func nodePositions() -> [Int] {
    var positions = [Int](repeating: 0, count: nodes.count)
    for graph in allGraphs {
      var position = 0
      for node in nodes(of: graph) {
        positions[node.index] = position
        position += 1
      }
      positions[graphs[graph].terminator.index] = position
    }
    return positions
  }

  /// The node of `graph` that is, or contains in a body, `node`; nil where `node` lies elsewhere.
  public func ancestor(of node: NodeID, in graph: GraphID) -> NodeID? {
    var node = node
    while nodes[node].graph != graph {
      guard case .body(let owner?) = graphs[nodes[node].graph].kind else { return nil }
      node = owner
    }
    return node
  }

  private func isSorted(_ graph: GraphID, positions: [Int]) -> Bool {
    for node in nodes(of: graph) {
      for reader in readers(of: node, in: graph) where positions[reader.index] <= positions[node.index] {
        return false
      }
    }
    return true
  }

  /// The nodes of `graph` that read `node`'s outputs, themselves or in their bodies.
  private func readers(of node: NodeID, in graph: GraphID) -> [NodeID] {
    outputs(of: node).flatMap { uses(of: $0) }.compactMap { ancestor(of: $0.user, in: graph) }
  }

  /// Kahn's algorithm; of several nodes that are ready, the one that stood first comes first.
  private func topologicalOrder(of graph: GraphID) throws -> [NodeID] {
    let nodes = nodes(of: graph)
    var pendingInputs: [NodeID: Int] = [:]
    for node in nodes {
      for reader in readers(of: node, in: graph) { pendingInputs[reader, default: 0] += 1 }
    }
    var position: [NodeID: Int] = [:]
    for (index, node) in nodes.enumerated() { position[node] = index }
    var ready = MinimumHeap(nodes.indices.filter { pendingInputs[nodes[$0], default: 0] == 0 })
    var order: [NodeID] = []
    while let next = ready.popFirst() {
      order.append(nodes[next])
      for reader in readers(of: nodes[next], in: graph) {
        pendingInputs[reader, default: 0] -= 1
        if pendingInputs[reader] == 0, let index = position[reader] { ready.insert(index) }
      }
    }
    guard order.count == nodes.count else {
      let sorted = Set(order)
      let stuck = nodes.filter { !sorted.contains($0) }.prefix(3).map { label(of: $0) }
      throw ModelError(
        "graph '\(name(of: graph))' has a cycle through or before \(stuck.joined(separator: ", "))")
    }
    return order
  }
}

/// A binary heap of integers, the smallest first.
struct MinimumHeap {
  private var elements: [Int] = []

  init(_ sorted: [Int]) {
    elements = sorted
  }

  mutating func insert(_ element: Int) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0, elements[child] < elements[(child - 1) / 2] {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = elements.first, let last = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return first }
    elements[0] = last
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < elements.count }
      guard let least = children.min(by: { elements[$0] < elements[$1] }), elements[least] < elements[parent]
      else { return first }
      elements.swapAt(parent, least)
      parent = least
    }
  }
}
