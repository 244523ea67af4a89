/// How nodes, edges and clusters look, as attributes of DOT.
struct DOTStyle {
  let picture: GraphPicture
  let palette: Palette
  private let scale: OverlayScale?

  private static let fonts = "Helvetica,Arial,DejaVu Sans,sans-serif"

  init(_ picture: GraphPicture) {
    self.picture = picture
    palette = .of(picture.appearance.theme)
    scale = OverlayScale(picture)
  }

  private var size: Int { picture.appearance.fontSize }

  /// For notes, parameters and types.
  private var smallSize: Int { max(size * 3 / 4, 5) }

  var defaults: [(target: String, attributes: [DOTAttribute])] {
    let isDownward = picture.appearance.direction == .topToBottom
    var graph = [
      DOTAttribute("bgcolor", palette.background), DOTAttribute("fontcolor", palette.text),
      DOTAttribute("fontname", Self.fonts), DOTAttribute("fontsize", size), DOTAttribute("id", "model"),
      DOTAttribute("label", html: DOTLegend(picture).html), DOTAttribute("labeljust", "l"),
      DOTAttribute("labelloc", "t"), DOTAttribute("nodesep", "0.35"), DOTAttribute("pad", "0.3"),
      DOTAttribute("rankdir", isDownward ? "TB" : "LR"), DOTAttribute("ranksep", "0.32"),
      DOTAttribute("tooltip", " "),
    ]
    // Ranks then hold across clusters.
    if !picture.sameRanks.isEmpty { graph.append(DOTAttribute("newrank", "true")) }
    if let limit = LayoutLimits.simplexLimit(for: picture) { graph.append(DOTAttribute("nslimit", limit)) }
    let node = [
      DOTAttribute("fontcolor", palette.text), DOTAttribute("fontname", Self.fonts),
      DOTAttribute("fontsize", size), DOTAttribute("height", "0.3"), DOTAttribute("margin", "0.15,0.08"),
      DOTAttribute("shape", "box"), DOTAttribute("style", "filled,rounded"), DOTAttribute("width", "0.6"),
    ]
    let edge = [
      DOTAttribute("arrowsize", "0.6"), DOTAttribute("color", palette.line),
      DOTAttribute("fontcolor", palette.quietText), DOTAttribute("fontname", Self.fonts),
      DOTAttribute("fontsize", smallSize),
    ]
    return [
      (target: "graph", attributes: graph), (target: "node", attributes: node),
      (target: "edge", attributes: edge),
    ]
  }

  // MARK: Nodes

  func attributes(of node: GraphPicture.Node) -> [DOTAttribute] {
    if node.kind == .anchor { return Self.anchor }
    let colours = colours(of: node)
    var attributes = [
      DOTAttribute("color", colours.border), DOTAttribute("fillcolor", colours.fill),
      DOTAttribute("id", node.id), DOTAttribute("label", html: label(of: node)),
      DOTAttribute("tooltip", node.tooltip.isEmpty ? " " : node.tooltip),
    ]
    switch node.kind {
    case .input, .output: attributes.append(DOTAttribute("shape", "ellipse"))
    case .constant: attributes.append(DOTAttribute("shape", "note"))
    case .operation, .summary, .reference, .anchor: break
    }
    let style = ["filled", isRounded(node) ? "rounded" : "", lineStyle(of: node)].filter { !$0.isEmpty }
    if style != ["filled", "rounded"] {
      attributes.append(DOTAttribute("style", style.joined(separator: ",")))
    }
    if node.mark != nil { attributes.append(DOTAttribute("penwidth", node.mark == .added ? "2.2" : "1.6")) }
    return attributes
  }

  private static let anchor = [
    DOTAttribute("height", "0"), DOTAttribute("label", ""), DOTAttribute("margin", "0"),
    DOTAttribute("ordering", "out"), DOTAttribute("style", "invis"), DOTAttribute("width", "0"),
  ]

  private func isRounded(_ node: GraphPicture.Node) -> Bool {
    switch node.kind {
    case .operation, .summary, .reference: true
    case .input, .output, .constant, .anchor: false
    }
  }

  private func lineStyle(of node: GraphPicture.Node) -> String {
    if node.mark == .removed { return "dashed" }
    return (node.kind == .summary || node.kind == .reference) && node.mark == nil ? "dotted" : ""
  }

  private func colours(of node: GraphPicture.Node) -> (fill: Colour, border: Colour) {
    if let scale {
      let fill = node.measure.map { palette.fill(shade: scale.shade($0)) }
      return (fill ?? palette.neutralFill, node.mark.map { palette.border($0) } ?? palette.neutralBorder)
    }
    if let mark = node.mark { return (palette.fill(mark), palette.border(mark)) }
    guard picture.emphasis == .families, case .operation(let family) = node.kind else {
      return (palette.neutralFill, palette.neutralBorder)
    }
    return (palette.fill(family), palette.border(family))
  }

  private func label(of node: GraphPicture.Node) -> String {
    let title = (node.mark.map { "\($0.symbol) " } ?? "") + node.title
    var lines = ["<b>\(title.escapedForHTML)</b>"]
    if !node.subtitle.isEmpty {
      lines.append(small(node.subtitle, scale == nil ? palette.quietText : palette.text))
    }
    if let scale, let measure = node.measure {
      lines.append(small(scale.text(measure), palette.text, isBold: true))
    }
    lines += node.details.map { small($0, palette.text) }
    if !node.note.isEmpty {
      lines.append(small(node.note, node.mark.map { palette.text($0) } ?? palette.quietText, isItalic: true))
    }
    return lines.joined(separator: "<br/>")
  }

  private func small(_ text: String, _ colour: Colour, isItalic: Bool = false, isBold: Bool = false) -> String
  {
    var content = text.escapedForHTML
    if isItalic { content = "<i>\(content)</i>" }
    if isBold { content = "<b>\(content)</b>" }
    return "<font color=\"\(colour)\" point-size=\"\(smallSize)\">\(content)</font>"
  }

  // MARK: Edges and clusters

  func attributes(of edge: GraphPicture.Edge) -> [DOTAttribute] {
    var attributes: [DOTAttribute] = []
    if !edge.label.isEmpty { attributes.append(DOTAttribute("label", " \(edge.label) ")) }
    if !edge.tooltip.isEmpty {
      attributes += [DOTAttribute("labeltooltip", edge.tooltip), DOTAttribute("tooltip", edge.tooltip)]
    }
    if edge.kind == .result { attributes += [DOTAttribute("arrowhead", "empty")] }
    switch edge.mark {
    case .removed: attributes += marked(.removed, style: "dashed", width: "1.4")
    case .added: attributes += marked(.added, style: "solid", width: "2")
    case .changed: attributes += marked(.changed, style: "solid", width: "1.4")
    case nil:
      if edge.kind == .result { attributes.append(DOTAttribute("style", "dotted")) }
      if edge.kind == .order { attributes.append(DOTAttribute("style", "invis")) }
      if edge.kind == .next {
        attributes += [DOTAttribute("color", palette.quietText), DOTAttribute("style", "dashed")]
      }
    }
    return attributes
  }

  private func marked(_ mark: Mark, style: String, width: String) -> [DOTAttribute] {
    [
      DOTAttribute("color", palette.border(mark)), DOTAttribute("fontcolor", palette.text(mark)),
      DOTAttribute("penwidth", width), DOTAttribute("style", style),
    ]
  }

  func attributes(of cluster: GraphPicture.Cluster) -> [DOTAttribute] {
    let colour = cluster.mark.map { palette.border($0) } ?? palette.neutralBorder
    let common = [
      DOTAttribute("id", cluster.id), DOTAttribute("tooltip", cluster.label.isEmpty ? " " : cluster.label),
    ]
    switch cluster.kind {
    case .body:
      return common + [
        DOTAttribute("color", colour), DOTAttribute("fontcolor", palette.quietText),
        DOTAttribute("fontsize", smallSize),
        DOTAttribute("label", (cluster.mark.map { "\($0.symbol) " } ?? "") + cluster.label),
        DOTAttribute("penwidth", "1"),
        DOTAttribute("style", cluster.mark == .removed ? "rounded,dashed" : "rounded"),
      ]
    case .module:
      return common + [
        DOTAttribute("color", palette.neutralBorder.mixed(with: palette.background, 0.4)),
        DOTAttribute("fontcolor", palette.quietText), DOTAttribute("fontsize", smallSize),
        DOTAttribute("label", cluster.label), DOTAttribute("penwidth", "1"), DOTAttribute("style", "rounded"),
      ]
    case .side:
      return common + [
        DOTAttribute("color", palette.neutralBorder), DOTAttribute("fontcolor", palette.text),
        DOTAttribute("fontsize", size), DOTAttribute("label", cluster.label), DOTAttribute("margin", "16"),
        DOTAttribute("penwidth", "1"), DOTAttribute("style", "rounded"),
      ]
    case .repetition(let count):
      let label = "<b>×\(NumberText.grouped(count))</b>"
      return common + [
        DOTAttribute("color", palette.line), DOTAttribute("fontcolor", palette.text),
        DOTAttribute("fontsize", size),
        DOTAttribute(
          "label", html: label + (cluster.label.isEmpty ? "" : "  " + small(cluster.label, palette.quietText))
        ),
        DOTAttribute("penwidth", "2"), DOTAttribute("style", "rounded"),
      ]
    }
  }
}
