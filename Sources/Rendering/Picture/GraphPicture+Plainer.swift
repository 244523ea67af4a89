extension GraphPicture {
  /// The same nodes and edges in fewer boxes, for where the picture cannot be laid out: without those of modules, then
  /// without any but those that tell the models apart. A node out of a repetition tells then how often it is there.
  var plainer: [GraphPicture] {
    let kinds = clusters.map(\.kind)
    var pictures: [GraphPicture] = []
    if kinds.contains(.module) {
      pictures.append(unboxed("boxes of modules are left out: Graphviz fails on them") { $0 == .module })
    }
    if kinds.contains(where: { $0 != .module && $0 != .side }) {
      pictures.append(unboxed("boxes are left out: Graphviz fails on them") { $0 != .side })
    }
    return pictures
  }

  /// What lies in a box that is left out lies in the one around it.
  private func unboxed(_ remark: String, _ isLeftOut: (Cluster.Kind) -> Bool) -> GraphPicture {
    var picture = self
    picture.clusters = []
    picture.subtitle += (subtitle.isEmpty ? "" : " · ") + remark
    var places: [Int?] = []
    var counts: [Int] = []
    for cluster in clusters {
      let outer = cluster.parent.flatMap { places[$0] }
      var count = cluster.parent.map { counts[$0] } ?? 1
      if isLeftOut(cluster.kind) {
        if case .repetition(let own) = cluster.kind { count *= own }
        places.append(outer)
      } else {
        places.append(picture.clusters.count)
        picture.clusters.append(cluster)
        picture.clusters[picture.clusters.count - 1].parent = outer
      }
      counts.append(count)
    }
    for (index, node) in nodes.enumerated() {
      guard let cluster = node.cluster else { continue }
      picture.nodes[index].cluster = places[cluster]
      if counts[cluster] > 1 {
        picture.nodes[index].details.append("×\(NumberText.grouped(counts[cluster]))")
      }
    }
    return picture
  }
}
