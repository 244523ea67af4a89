extension GraphPicture {
  /// Pictures under each other, each in a cluster with its label.
  static func stacked(
    _ parts: [(label: String, picture: GraphPicture)], title: String, appearance: Appearance
  )
    -> GraphPicture
  {
    var all = GraphPicture(title: title, appearance: appearance)
    var lowest: [Int] = []
    for (index, part) in parts.enumerated() {
      all.emphasis = part.picture.emphasis
      let first = all.nodes.count
      all.add(part.picture, label: part.label, number: index + 1)
      let graph = PictureGraph(part.picture)
      let top = part.picture.nodes.indices.filter { graph.predecessors(of: $0).isEmpty }.map { $0 + first }
      all.order(lowest, above: top)
      lowest = part.picture.nodes.indices.filter { graph.successors(of: $0).isEmpty }.map { $0 + first }
    }
    return all
  }

  private mutating func add(_ part: GraphPicture, label: String, number: Int) {
    let (firstNode, firstCluster) = (nodes.count, clusters.count)
    var frame = Cluster(id: "cluster__part_\(number)", label: label)
    frame.kind = .side
    clusters.append(frame)
    for cluster in part.clusters {
      var cluster = cluster
      cluster.id += "_part_\(number)"
      cluster.parent = (cluster.parent ?? -1) + firstCluster + 1
      cluster.owner = cluster.owner.map { $0 + firstNode }
      clusters.append(cluster)
    }
    for node in part.nodes {
      var node = node
      node.id = "part\(number)_\(node.id)"
      node.cluster = (node.cluster ?? -1) + firstCluster + 1
      nodes.append(node)
    }
    for edge in part.edges {
      var edge = edge
      (edge.tail, edge.head) = (edge.tail + firstNode, edge.head + firstNode)
      edges.append(edge)
    }
    sameRanks += part.sameRanks.map { SameRank(left: $0.left + firstNode, right: $0.right + firstNode) }
  }

  /// With edges that are not seen.
  private mutating func order(_ upper: [Int], above lower: [Int]) {
    for tail in upper {
      for head in lower {
        var edge = Edge(from: tail, to: head)
        edge.kind = .order
        edges.append(edge)
      }
    }
  }
}
