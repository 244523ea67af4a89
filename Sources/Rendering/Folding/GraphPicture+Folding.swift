extension GraphPicture {
  /// The picture with as much of it folded into summary nodes as `limits` ask for. Where something changed,
  /// they decide how much is shown around it; changes themselves are folded beyond `hardLimits` only.
  ///
  /// Folding never makes a cycle. Time grows with nodes and edges.
  func folded(within limits: LayoutLimits, hardLimits: LayoutLimits, hops: Int) -> GraphPicture {
    if let whole = limits.fitting(self) { return whole }
    var picture = absorbingBodies { !$0 }
    if let open = limits.fitting(picture) { return open.noting(foldedFrom: self) }
    if picture.nodes.contains(where: { $0.mark != nil }) {
      for hops in stride(from: max(hops, 0), through: 0, by: -1) {
        let window = picture.contracted(picture.groups(farFrom: picture.changes, hops: hops), minimum: 4)
        if let small = limits.fitting(window) { return small.noting(foldedFrom: self) }
        if hops == 0 { picture = window }
      }
      return picture.foldedByLevels(within: hardLimits).noting(foldedFrom: self)
    }
    let levels = picture.nodes.map(\.scopes.count).max() ?? 0
    for depth in stride(from: levels, to: 0, by: -1) {
      let outer = picture.contracted(picture.groupsOfModules(depth: depth))
      if let small = limits.fitting(outer) { return small.noting(foldedFrom: self) }
      if depth == 1 { picture = outer }
    }
    for ends in [12, 6, 3, 1, 0] {
      let shorter = picture.contracted(picture.groupsOfChains(keepingEnds: ends))
      if let small = limits.fitting(shorter) { return small.noting(foldedFrom: self) }
    }
    return picture.foldedByLevels(within: limits).noting(foldedFrom: self)
  }

  /// The picture with everything folded that is more than `hops` edges from its focus, or without one from any change.
  func window(hops: Int) -> GraphPicture {
    let focus = nodes.indices.filter { nodes[$0].isFocus }
    let groups = groups(farFrom: focus.isEmpty ? changes : focus, hops: hops)
    let picture = contracted(groups)
    return picture.nodes.contains { $0.kind == .summary } ? picture.noting(foldedFrom: self) : picture
  }

  private func foldedByLevels(within limits: LayoutLimits) -> GraphPicture {
    let flat = absorbingBodies { _ in true }
    if let small = limits.fitting(flat) { return small }
    let levels = PictureGraph(flat).levels
    for keepsPorts in [true, false] {
      var width = 1
      while width < 2 * flat.nodes.count {
        for keepsBranches in [true, false] {
          let groups = flat.groupsOfLevels(
            levels, width: width, keepsBranches: keepsBranches, keepsPorts: keepsPorts)
          guard groups.indices.count(where: { groups[$0] == $0 }) <= limits.nodes else { continue }
          if let small = limits.fitting(flat.contracted(groups), cutsAll: true) { return small }
        }
        width *= 2
      }
    }
    return flat.contracted([Int](repeating: 0, count: flat.nodes.count))
  }

  private func noting(foldedFrom original: GraphPicture) -> GraphPicture {
    var picture = self
    let hidden = original.shownNodes - shownNodes
    picture.subtitle += (subtitle.isEmpty ? "" : " · ") + "\(NumberText.grouped(hidden)) folded away"
    return picture
  }

  private var shownNodes: Int { nodes.count { $0.kind != .summary && $0.kind != .reference } }

  // MARK: Groups
  // A group is given by one of its members, for every node; a node that stays is its own group.

  /// Nodes with a mark, and the ends of edges with one.
  private var changes: [Int] {
    nodes.indices.filter { nodes[$0].mark != nil }
      + edges.filter { $0.mark != nil }.flatMap { [$0.tail, $0.head] }
  }

  /// Nodes more than `hops` edges away from all of `centres`, by connected stretch.
  func groups(farFrom centres: [Int], hops: Int) -> [Int] {
    let graph = PictureGraph(self)
    var distance = [Int](repeating: Int.max, count: nodes.count)
    var queue = centres
    for node in queue { distance[node] = 0 }
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      guard distance[node] < hops else { continue }
      for neighbour in Array(graph.successors(of: node)) + Array(graph.predecessors(of: node))
      where distance[neighbour] == Int.max {
        distance[neighbour] = distance[node] + 1
        queue.append(neighbour)
      }
    }
    return stretches(
      of: nodes.indices.map { distance[$0] == Int.max && nodes[$0].isFoldable ? 0 : nil }, in: graph)
  }

  /// Nodes in the same scope at this depth, by connected stretch.
  func groupsOfModules(depth: Int) -> [Int] {
    var numbers: [[Scope]: Int] = [:]
    let keys = nodes.map { node -> Int? in
      guard node.scopes.count >= depth, node.isFoldable else { return nil }
      let scope = Array(node.scopes.prefix(depth))
      let number = numbers[scope] ?? numbers.count
      numbers[scope] = number
      return number
    }
    return stretches(of: keys, in: PictureGraph(self))
  }

  /// Connected nodes of the same key that no path leaves and enters again: such a path passes a node with another
  /// key, and there the phase rises. Nodes without a key stay.
  private func stretches(of keys: [Int?], in graph: PictureGraph) -> [Int] {
    var phases = [Int](repeating: 0, count: nodes.count)
    var sets = DisjointSets(nodes.count)
    func isBorder(_ a: Int, _ b: Int) -> Bool {
      keys[a] != keys[b] || nodes[a].cluster != nodes[b].cluster
    }
    for node in graph.order {
      for predecessor in graph.earlierPredecessors(of: node) {
        phases[node] = max(phases[node], phases[predecessor] + (isBorder(predecessor, node) ? 1 : 0))
      }
    }
    for edge in edges
    where keys[edge.tail] != nil && !isBorder(edge.tail, edge.head)
      && phases[edge.tail] == phases[edge.head]
    {
      sets.unite(edge.tail, edge.head)
    }
    return nodes.indices.map { sets.representative(of: $0) }
  }

  /// Runs of nodes with one predecessor and one successor each, without some nodes at either end.
  func groupsOfChains(keepingEnds ends: Int) -> [Int] {
    let graph = PictureGraph(self)
    func isLink(_ node: Int) -> Bool {
      nodes[node].isFoldable && graph.predecessors(of: node).count == 1
        && graph.successors(of: node).count == 1
    }
    var groups = Array(nodes.indices)
    var run: [Int] = []
    func close() {
      let inner = run.dropFirst(ends).dropLast(ends)
      if inner.count > 2, let first = inner.min() {
        for node in inner { groups[node] = first }
      }
      run = []
    }
    for start in graph.order where isLink(start) {
      let previous = graph.predecessors(of: start).first ?? start
      guard !isLink(previous) || nodes[previous].cluster != nodes[start].cluster else { continue }
      var next: Int? = start
      while let node = next, isLink(node), nodes[node].cluster == nodes[start].cluster,
        run.count < nodes.count
      {
        run.append(node)
        next = graph.successors(of: node).first
      }
      close()
    }
    return groups
  }

  /// All nodes whose levels lie in one band of `width`: by connected part, or all of them together.
  func groupsOfLevels(_ levels: [Int], width: Int, keepsBranches: Bool, keepsPorts: Bool) -> [Int] {
    var sets = DisjointSets(nodes.count)
    func isFolded(_ node: Int) -> Bool { !keepsPorts || nodes[node].isFoldable }
    if keepsBranches {
      for edge in edges
      where levels[edge.tail] / width == levels[edge.head] / width && isFolded(edge.tail)
        && isFolded(edge.head)
      {
        sets.unite(edge.tail, edge.head)
      }
    } else {
      var first: [Int: Int] = [:]
      for node in nodes.indices where isFolded(node) {
        let band = levels[node] / width
        if let other = first[band] { sets.unite(node, other) } else { first[band] = node }
      }
    }
    return nodes.indices.map { sets.representative(of: $0) }
  }
}

extension GraphPicture.Node {
  /// Inputs and outputs stay as long as there is room.
  fileprivate var isFoldable: Bool {
    switch kind {
    case .operation, .summary, .constant, .reference: true
    case .input, .output: cluster != nil
    case .anchor: false
    }
  }
}
