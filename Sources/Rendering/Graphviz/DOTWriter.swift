/// Prints a picture in DOT: the same picture always as the same text, attributes sorted, everything escaped.
struct DOTWriter {
  let picture: GraphPicture
  let style: DOTStyle
  private var text = ""
  private var members: [Int?: [Int]] = [:]
  private var children: [Int?: [Int]] = [:]

  init(_ picture: GraphPicture) {
    self.picture = picture
    style = DOTStyle(picture)
  }

  mutating func write() -> String {
    for (index, node) in picture.nodes.enumerated() { members[node.cluster, default: []].append(index) }
    for (index, cluster) in picture.clusters.enumerated() {
      children[cluster.parent, default: []].append(index)
    }
    line(0, "digraph model {")
    for (target, attributes) in style.defaults { line(1, "\(target) \(list(attributes));") }
    writeContents(of: nil, depth: 1)
    let positions = PictureGraph(picture).positions
    for edge in picture.edges {
      // What leads back is written the other way round: ranks stay those of the other edges.
      let isBackward = edge.kind == .next && positions[edge.head] < positions[edge.tail]
      let (from, to) = isBackward ? (edge.head, edge.tail) : (edge.tail, edge.head)
      let ends = "\(picture.nodes[from].id) -> \(picture.nodes[to].id)"
      let attributes =
        style.attributes(of: edge)
        + (isBackward ? [DOTAttribute("dir", "back"), DOTAttribute("weight", "0")] : [])
      line(1, attributes.isEmpty ? "\(ends);" : "\(ends) \(list(attributes));")
    }
    for pair in picture.sameRanks {
      line(1, "{ rank=same; \(picture.nodes[pair.left].id); \(picture.nodes[pair.right].id); }")
    }
    line(0, "}")
    return text
  }

  /// Clusters nest no deeper than bodies are drawn.
  private mutating func writeContents(of cluster: Int?, depth: Int) {
    for node in members[cluster] ?? [] {
      line(depth, "\(picture.nodes[node].id) \(list(style.attributes(of: picture.nodes[node])));")
    }
    for child in children[cluster] ?? [] {
      line(depth, "subgraph \(picture.clusters[child].id) {")
      line(depth + 1, "graph \(list(style.attributes(of: picture.clusters[child])));")
      writeContents(of: child, depth: depth + 1)
      line(depth, "}")
    }
  }

  private mutating func line(_ depth: Int, _ content: String) {
    text += String(repeating: "  ", count: depth) + content + "\n"
  }

  private func list(_ attributes: [DOTAttribute]) -> String {
    let sorted = attributes.sorted { $0.name < $1.name }
    return "[" + sorted.map { "\($0.name)=\($0.value)" }.joined(separator: ", ") + "]"
  }
}

/// `value` is printed as it is: quoted text, HTML in angle brackets, or a number.
struct DOTAttribute {
  let name: String
  let value: String

  init(_ name: String, _ text: String) {
    self.name = name
    value = text.quotedForDOT
  }

  init(_ name: String, _ colour: Colour) { self.init(name, "\(colour)") }

  init(_ name: String, _ number: Int) {
    self.name = name
    value = "\(number)"
  }

  init(_ name: String, html: String) {
    self.name = name
    value = "<\(html)>"
  }
}

extension GraphPicture {
  /// The picture in the DOT language; `render` lays out just this text.
  public var dot: String {
    var writer = DOTWriter(self)
    return writer.write()
  }
}
