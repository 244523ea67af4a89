extension GraphPicture {
  /// The picture with each group of two or more nodes drawn as one summary.
  /// - Parameters:
  ///   - groups: for every node one member of its group, the same for all members.
  ///   - minimum: smaller groups stay as they are.
  func contracted(_ groups: [Int], minimum: Int = 2) -> GraphPicture {
    var members = [[Int]](repeating: [], count: nodes.count)
    for (node, group) in groups.enumerated() { members[group].append(node) }
    var picture = self
    picture.nodes = []
    var places = [Int](repeating: 0, count: nodes.count)
    for (node, group) in groups.enumerated() {
      let together = members[group]
      if together.count >= minimum, together[0] != node {
        places[node] = places[together[0]]
        continue
      }
      places[node] = picture.nodes.count
      picture.nodes.append(together.count < minimum ? nodes[node] : summary(of: together))
    }
    picture.edges = joinedEdges(places)
    for index in picture.clusters.indices {
      picture.clusters[index].owner = clusters[index].owner.map { places[$0] }
    }
    return picture.removingEmptyClusters()
  }

  private func joinedEdges(_ places: [Int]) -> [Edge] {
    struct Ends: Hashable {
      var tail: Int
      var head: Int
      var kind: EdgeKind
      var mark: Mark?
    }
    var seen: Set<Ends> = []
    var result: [Edge] = []
    for edge in edges {
      var edge = edge
      (edge.tail, edge.head) = (places[edge.tail], places[edge.head])
      guard edge.tail != edge.head else { continue }
      let ends = Ends(tail: edge.tail, head: edge.head, kind: edge.kind, mark: edge.mark)
      if seen.insert(ends).inserted { result.append(edge) }
    }
    return result
  }

  private func summary(of members: [Int]) -> Node {
    let count = members.reduce(0) { $0 + nodes[$1].count }
    var node = Node(
      id: "folded_" + nodes[members[0]].id, kind: .summary, title: "⋯ \(NumberText.grouped(count)) nodes")
    node.count = count
    node.inner = names(of: members)
    node.cluster = nodes[members[0]].cluster
    node.scopes = members.dropFirst().reduce(nodes[members[0]].scopes) {
      $0.commonPrefix(with: nodes[$1].scopes)
    }
    node.subtitle = node.scopes.last { $0.repetition == 0 }?.name ?? ""
    let (lines, tooltip) = contents(of: members)
    node.details = lines
    node.tooltip = tooltip
    node.former = formerOfAll(members)
    node.former?.details = lines
    node.former?.tooltip = tooltip
    node.measure = overlay?.combined(members.compactMap { nodes[$0].measure })
    let marked = members.reduce(0) { $0 + (nodes[$1].mark == nil ? 0 : 1) }
    if marked > 0 {
      node.mark = .changed
      node.note = "\(NumberText.grouped(marked)) removed, changed or new inside"
    }
    return node
  }

  /// The commonest operators, and all of them.
  private func contents(of members: [Int]) -> (lines: [String], tooltip: String) {
    var counts: [String: Int] = [:]
    for member in members {
      if nodes[member].kind == .summary {
        counts["folded", default: 0] += nodes[member].count
      } else {
        counts[nodes[member].title, default: 0] += 1
      }
    }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let texts = sorted.map { "\(NumberText.grouped($0.value)) \($0.key)" }
    let shown = texts.prefix(4) + (texts.count > 4 ? ["…"] : [])
    let lines = [shown.prefix(2), shown.dropFirst(2)].filter { !$0.isEmpty }
      .map { $0.joined(separator: " · ") }
    return (lines: lines, tooltip: texts.prefix(24).joined(separator: "\n"))
  }

  /// The picture with bodies of control flow folded into their nodes.
  /// - Parameter isAbsorbed: decides, told whether something inside is marked.
  func absorbingBodies(where isAbsorbed: (_ isMarked: Bool) -> Bool) -> GraphPicture {
    guard !clusters.isEmpty else { return self }
    var isMarked = clusters.map { $0.mark != nil }
    for node in nodes where node.mark != nil {
      if let cluster = node.cluster { isMarked[cluster] = true }
    }
    for index in clusters.indices.reversed() where isMarked[index] {
      if let parent = clusters[index].parent { isMarked[parent] = true }
    }
    let absorbs = isMarked.map(isAbsorbed)
    var owners = [Int?](repeating: nil, count: clusters.count)
    for index in clusters.indices {
      // An outer cluster that goes takes those inside with it.
      owners[index] =
        clusters[index].parent.flatMap { owners[$0] } ?? (absorbs[index] ? clusters[index].owner : nil)
    }
    let groups = nodes.indices.map { index in nodes[index].cluster.flatMap { owners[$0] } ?? index }
    return absorbing(groups)
  }

  /// Like `contracted`, but the node that a group is named by stays what it is, and says what it holds.
  private func absorbing(_ groups: [Int]) -> GraphPicture {
    var counts = [Int](repeating: 0, count: nodes.count)
    var marked = [Int](repeating: 0, count: nodes.count)
    var measures: [Int: [NodeOverlay.Measure]] = [:]
    var inner: [Int: [String]] = [:]
    for (node, group) in groups.enumerated() where group != node {
      inner[group, default: []] += names(of: CollectionOfOne(node))
      counts[group] += nodes[node].count
      marked[group] += nodes[node].mark == nil ? 0 : 1
      if let measure = nodes[node].measure { measures[group, default: []].append(measure) }
    }
    var places = [Int](repeating: 0, count: nodes.count)
    var picture = self
    picture.nodes = []
    for (index, node) in nodes.enumerated() where groups[index] == index {
      var node = node
      if counts[index] > 0 { node.details.append("⋯ \(NumberText.grouped(counts[index])) nodes inside") }
      if let measures = measures[index] {
        node.measure = overlay?.combined((node.measure.map { [$0] } ?? []) + measures)
      }
      node.inner += inner[index] ?? []
      if marked[index] > 0, node.mark == nil {
        node.mark = .changed
        node.note = "\(NumberText.grouped(marked[index])) removed, changed or new inside"
      }
      places[index] = picture.nodes.count
      picture.nodes.append(node)
    }
    for (node, group) in groups.enumerated() where group != node { places[node] = places[group] }
    picture.edges = joinedEdges(places)
    for index in picture.clusters.indices {
      picture.clusters[index].owner = clusters[index].owner.map { places[$0] }
    }
    return picture.removingEmptyClusters()
  }

  private func removingEmptyClusters() -> GraphPicture {
    var isUsed = [Bool](repeating: false, count: clusters.count)
    for node in nodes { if let cluster = node.cluster { isUsed[cluster] = true } }
    for index in clusters.indices.reversed() where isUsed[index] {
      if let parent = clusters[index].parent { isUsed[parent] = true }
    }
    guard isUsed.contains(false) else { return self }
    var places = [Int?](repeating: nil, count: clusters.count)
    var picture = self
    picture.clusters = []
    for (index, cluster) in clusters.enumerated() where isUsed[index] {
      places[index] = picture.clusters.count
      var cluster = cluster
      cluster.parent = cluster.parent.flatMap { places[$0] }
      picture.clusters.append(cluster)
    }
    for index in picture.nodes.indices {
      picture.nodes[index].cluster = picture.nodes[index].cluster.flatMap { places[$0] }
    }
    return picture
  }
}
