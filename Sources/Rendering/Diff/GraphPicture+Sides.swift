extension GraphPicture {
  /// A merged picture taken apart: the older model on the left, the newer one on the right, and what both have at the
  /// same height. Marks stay; what was removed is on the left only, what is new on the right only.
  func sideBySide() -> GraphPicture {
    var picture = self
    (picture.nodes, picture.edges, picture.clusters) = ([], [], [])
    var places: [[Int?]] = []
    for side in [Side.before, .after] { places.append(add(side, to: &picture)) }
    guard isAcyclic else { return picture }
    for (left, right) in zip(places[0], places[1]) {
      if let left, let right { picture.sameRanks.append(SameRank(left: left, right: right)) }
    }
    if let top = picture.sameRanks.first { picture.addAnchor(above: [top.left, top.right]) }
    return picture
  }

  private enum Side: String {
    case before
    case after

    var absent: Mark { self == .before ? .added : .removed }
  }

  /// Else Graphviz puts the newer model on the left where it likes that better.
  private mutating func addAnchor(above nodes: [Int]) {
    var anchor = Node(id: "anchor", kind: .anchor, title: "")
    anchor.count = 0
    for head in nodes {
      var edge = Edge(from: self.nodes.count, to: head)
      edge.kind = .order
      edges.append(edge)
    }
    self.nodes.append(anchor)
  }

  /// Otherwise heights of both sides could not agree.
  private var isAcyclic: Bool {
    let positions = PictureGraph(self).positions
    return edges.allSatisfy { $0.kind == .next || positions[$0.tail] < positions[$0.head] }
  }

  /// - Returns: where each node of this picture is on the side.
  private func add(_ side: Side, to picture: inout GraphPicture) -> [Int?] {
    let outer = picture.clusters.count
    var cluster = Cluster(id: "cluster__\(side.rawValue)", label: side.rawValue)
    cluster.kind = .side
    picture.clusters.append(cluster)
    let clusterPlaces = addClusters(side, in: outer, to: &picture)
    var places: [Int?] = []
    for node in nodes {
      guard node.mark != side.absent else {
        places.append(nil)
        continue
      }
      var node = node
      node.id = "\(side.rawValue)_\(node.id)"
      if side == .before, let former = node.former {
        (node.details, node.tooltip, node.measure) = (former.details, former.tooltip, former.measure)
      }
      node.cluster = node.cluster.flatMap { clusterPlaces[$0] } ?? outer
      places.append(picture.nodes.count)
      picture.nodes.append(node)
    }
    addEdges(side, places, to: &picture)
    for (index, cluster) in clusters.enumerated() {
      if let place = clusterPlaces[index] {
        picture.clusters[place].owner = cluster.owner.flatMap { places[$0] }
      }
    }
    return places
  }

  private func addClusters(_ side: Side, in outer: Int, to picture: inout GraphPicture) -> [Int?] {
    var places: [Int?] = []
    for cluster in clusters {
      guard cluster.mark != side.absent else {
        places.append(nil)
        continue
      }
      var cluster = cluster
      cluster.id += "_\(side.rawValue)"
      cluster.parent = cluster.parent.flatMap { places[$0] } ?? outer
      places.append(picture.clusters.count)
      picture.clusters.append(cluster)
    }
    return places
  }

  private func addEdges(_ side: Side, _ places: [Int?], to picture: inout GraphPicture) {
    for edge in edges where edge.mark != side.absent {
      guard let tail = places[edge.tail], let head = places[edge.head] else { continue }
      var edge = edge
      (edge.tail, edge.head) = (tail, head)
      if side == .before, let label = edge.formerLabel { edge.label = label }
      picture.edges.append(edge)
    }
  }

  /// What nodes that are drawn as one were in the older model.
  func formerOfAll(_ members: [Int]) -> Node.Former? {
    guard var former = members.first.flatMap({ nodes[$0].former }) else { return nil }
    former.measure = overlay?.combined(members.compactMap { nodes[$0].former?.measure })
    return former
  }
}
