/// How much `dot` gets to lay out. Its time grows with nodes, edges, and above all with the ranks that edges
/// cross: it lays a chain of invisible nodes for each.
struct LayoutLimits {
  var nodes: Int
  /// Edges, each counted once for every rank that it crosses.
  var edgeSpans = 4_000

  /// Edges across fewer ranks are always drawn: the reader's eye still follows them.
  private static let longSpan = 12
  /// What the long edges of a picture may cross together before the longest are cut.
  private static let longSpans = 800

  /// - Parameter sides: how many times the picture is there in the end.
  init(nodes: Int, sides: Int = 1) {
    self.nodes = nodes
    edgeSpans /= sides
  }

  /// The picture, with its longest edges cut where they are many; nil where it is too big even so.
  /// - Parameter cutsAll: whether every long edge is cut, as where ranks mean little anyway.
  func fitting(_ picture: GraphPicture, cutsAll: Bool = false) -> GraphPicture? {
    guard picture.nodes.count <= nodes, picture.edges.count <= edgeSpans else { return nil }
    let cut = picture.cuttingLongEdges(from: Self.longSpan, leaving: cutsAll ? 0 : Self.longSpans)
    let candidates = cut.nodes.count <= nodes ? [cut] : [picture]
    return candidates.first { PictureGraph($0).edgeSpans <= edgeSpans }
  }

  /// Bounds the passes of network simplex that place nodes side by side, as a multiple of the nodes (`nslimit`
  /// of Graphviz); nil for pictures that take no time anyway.
  ///
  /// A pass costs about 0.15 µs for each of some four auxiliary nodes per crossed rank (measured with
  /// Graphviz 2.43): the bound is about two seconds.
  static func simplexLimit(for picture: GraphPicture) -> String? {
    let spans = PictureGraph(picture).edgeSpans
    guard spans > 500 else { return nil }
    let passes = 13_000_000 / (4 * spans)
    let hundredths = max(passes * 100 / max(picture.nodes.count, 1), 1)
    let fraction = String(hundredths % 100)
    return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
  }
}

extension GraphPicture {
  /// The picture as it is where all edges across `longSpan` ranks or more cross at most `budget` ranks together.
  /// Otherwise those across twice as many, and then the longest until the budget is kept, become references
  /// beside their heads.
  func cuttingLongEdges(from longSpan: Int, leaving budget: Int) -> GraphPicture {
    let levels = PictureGraph(self).levels
    func span(_ edge: Int) -> Int { abs(levels[edges[edge].head] - levels[edges[edge].tail]) }
    let long = edges.indices.filter { span($0) >= longSpan }.sorted {
      (span($1), $0) < (span($0), $1)
    }
    var sum = long.reduce(0) { $0 + span($1) }
    let isMany = sum > budget
    var picture = self
    for edge in long {
      guard sum > budget || (isMany && span(edge) >= 2 * longSpan) else { break }
      sum -= span(edge)
      picture.edges[edge].tail = picture.nodes.count
      if edges[edge].kind == .next { picture.edges[edge].kind = .data }
      picture.nodes.append(reference(for: edge))
    }
    return picture
  }

  private func reference(for edge: Int) -> Node {
    let (tail, head) = (nodes[edges[edge].tail], nodes[edges[edge].head])
    var node = Node(id: "from_\(tail.id)_to_\(head.id)_\(edge)", kind: .reference, title: "↑ \(tail.title)")
    node.subtitle = tail.subtitle
    node.tooltip = "from \(tail.tooltip.prefix { !$0.isNewline })"
    node.mark = edges[edge].mark
    node.cluster = head.cluster
    node.scopes = head.scopes
    node.count = 0
    return node
  }
}
