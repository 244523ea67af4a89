import Rendering

/// A picture of a model, as a file has it.
public struct DrawnGraph: Sendable {
  public var title: String
  /// Beside the report.
  public var file: String
  public var picture: GraphPicture
  public var svg: [UInt8]

  /// - Throws: `GraphvizError`.
  public init(title: String, file: String, picture: GraphPicture) throws {
    self.init(title: title, file: file, try picture.drawn(as: .svg))
  }

  /// - Parameter drawn: as SVG.
  public init(title: String, file: String, _ drawn: DrawnPicture) {
    self.title = title
    self.file = file
    picture = drawn.picture
    svg = drawn.bytes
  }
}

/// A picture of a model in a page. Its nodes can be found by name, and lead to the rows that speak of them.
///
/// Shapes and text are taken over; groups, titles and links are made anew.
struct GraphFigure {
  private let nodes: [String: GraphPicture.Node]
  /// By nodes that stand for others: the names of these.
  private let inner: [String: ArraySlice<String>]
  private let index: NodeIndex

  /// At most so many names of what is not drawn by itself are in a page for each picture.
  private static let innerLimit = 10_000

  /// - Throws: `SVGError`.
  static func html(of graph: DrawnGraph, _ index: NodeIndex) throws -> HTML {
    let root = try SVGReader.read(graph.svg)
    guard root.name == "svg", let model = root.first("g"), let viewBox = viewBox(of: root, model) else {
      throw SVGError(description: "\(graph.file) is no picture of a graph")
    }
    let figure = GraphFigure(
      nodes: Dictionary(graph.picture.nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      inner: inner(of: graph.picture), index: index)
    return .element(
      .svg, [.class("graph"), .role("group"), .label(graph.title), viewBox],
      model.children.compactMap { figure.group($0) })
  }

  private static func inner(of picture: GraphPicture) -> [String: ArraySlice<String>] {
    var names: [String: ArraySlice<String>] = [:]
    var left = innerLimit
    for node in picture.nodes {
      let shown = node.inner.prefix(left)
      names[node.id] = shown
      left -= shown.count
    }
    return names
  }

  /// The picture's own coordinates, which Graphviz moves by a transformation.
  private static func viewBox(of root: SVGElement, _ model: SVGElement) -> HTML.Attribute? {
    let box = numbers(root["viewBox"] ?? "")
    let parts = (model["transform"] ?? "").split(separator: "translate(", maxSplits: 1)
    let origin = numbers(String(parts.last?.prefix { $0 != ")" } ?? ""))
    guard box.count == 4, origin.count == 2 else { return nil }
    let values = [-origin[0], -origin[1], box[2], box[3]]
    return HTML.Attribute(name: .viewBox, value: values.map { "\($0)" }.joined(separator: " "))
  }

  private static func numbers(_ text: String) -> [Double] {
    text.split { $0 == " " || $0 == "," }.compactMap { Double($0) }.filter(\.isFinite)
  }

  private func group(_ element: SVGElement) -> HTML? {
    var content = Content()
    content.add(element)
    guard !content.shapes.isEmpty else { return nil }
    let title = content.title.isEmpty ? [] : [HTML.element(.title, [], [.text(content.title)])]
    switch element["class"] {
    case "node": return node(nodes[element["id"] ?? ""], title + content.shapes)
    case "edge": return .element(.g, [.class("edge")], title + content.shapes)
    case "cluster": return .element(.g, [.class("cluster")], title + content.shapes)
    default: return .element(.g, [.class("heading")], content.shapes)
    }
  }

  private func node(_ node: GraphPicture.Node?, _ content: [HTML]) -> HTML {
    let attributes = [
      HTML.Attribute.class("node"), .nodes(node.map { index.numbers(of: $0) } ?? []),
      node.flatMap { inner[$0.id] }.flatMap { .inner($0) },
    ].compactMap { $0 }
    guard let entry = node.flatMap({ index.entry(of: $0) }) else { return .element(.g, attributes, content) }
    let order: [HTML.Attribute] = entry.isStop ? [] : [.fixed(.tabindex, "-1")]
    return .element(.g, attributes, [.element(.a, [.link(to: entry.row)] + order, content)])
  }

  /// What is drawn in a group, however Graphviz nests it.
  private struct Content {
    var title = ""
    var shapes: [HTML] = []

    mutating func add(_ element: SVGElement) {
      if let shape = element.shape {
        shapes.append(shape)
      } else if element.name == "g" || element.name == "a" {
        let text = element["xlink:title"] ?? ""
        if title.isEmpty, text != " " { title = text }
        for child in element.children { add(child) }
      }
    }
  }
}
