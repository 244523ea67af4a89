/// Title, summary and legend above the picture, as one HTML-like label.
struct DOTLegend {
  private let picture: GraphPicture
  private let palette: Palette

  init(_ picture: GraphPicture) {
    self.picture = picture
    palette = .of(picture.appearance.theme)
  }

  private struct Entry {
    var label: String
    var symbol: String
    var fill: Colour
    var border: Colour
  }

  var html: String {
    let size = picture.appearance.fontSize
    var rows = [
      cell(picture.title.isEmpty ? " " : picture.title, size: size * 15 / 10, palette.text, isBold: true)
    ]
    if !picture.subtitle.isEmpty { rows.append(cell(picture.subtitle, size: size, palette.quietText)) }
    let entries = picture.appearance.showsLegend ? self.entries : []
    if picture.appearance.showsLegend, let scale = OverlayScale(picture) { rows.append(shades(of: scale)) }
    if !entries.isEmpty { rows.append("<tr><td align=\"left\">\(table(of: entries))</td></tr>") }
    rows.append("<tr><td height=\"\(size / 2)\"></td></tr>")
    return table(rows.joined(), padding: 2)
  }

  /// What occurs in the picture, marks first.
  private var entries: [Entry] {
    let marks = Set(picture.nodes.compactMap(\.mark) + picture.edges.compactMap(\.mark))
    var entries = Mark.allCases.filter(marks.contains).map {
      Entry(label: $0.label, symbol: $0.symbol, fill: palette.fill($0), border: palette.border($0))
    }
    if picture.overlay != nil {
      return entries
    }
    let unmarked = picture.nodes.filter { $0.mark == nil && $0.kind != .anchor }
    if picture.emphasis == .changes {
      guard !entries.isEmpty, !unmarked.isEmpty else { return entries }
      return entries + [neutral("unchanged")]
    }
    let families = Set(unmarked.compactMap(\.family))
    entries += OperatorFamily.allCases.filter(families.contains).map {
      Entry(label: $0.label, symbol: "", fill: palette.fill($0), border: palette.border($0))
    }
    return entries
  }

  /// A row with what the shades of nodes stand for.
  private func shades(of scale: OverlayScale) -> String {
    var entries = OverlayScale.steps.map { shade in
      Entry(
        label: scale.text(shade: shade), symbol: "", fill: palette.fill(shade: shade),
        border: palette.neutralBorder)
    }
    if picture.nodes.contains(where: { $0.isOperation && $0.measure == nil }) {
      entries.append(neutral("no value"))
    }
    let isJoined = picture.nodes.contains { $0.count > 1 }
    let together = isJoined ? ", " + scale.overlay.combination.text + " of nodes drawn as one" : ""
    let all = scale.total.map { ", \(scale.overlay.format($0).shown(atMost: 24)) in all" } ?? ""
    return cell(
      scale.overlay.title.shown(atMost: 80) + all + together, size: picture.appearance.fontSize, palette.text)
      + "<tr><td align=\"left\">\(table(of: entries, columns: entries.count))</td></tr>"
  }

  private func neutral(_ label: String) -> Entry {
    Entry(label: label, symbol: "", fill: palette.neutralFill, border: palette.neutralBorder)
  }

  private func table(of entries: [Entry], columns: Int = 4) -> String {
    var rows = ""
    for start in stride(from: 0, to: entries.count, by: columns) {
      rows += "<tr>" + entries[start..<min(start + columns, entries.count)].map(chip).joined() + "</tr>"
    }
    return table(rows, padding: 3)
  }

  private func table(_ rows: String, padding: Int) -> String {
    "<table border=\"0\" cellborder=\"0\" cellpadding=\"\(padding)\" cellspacing=\"3\">\(rows)</table>"
  }

  private func chip(_ entry: Entry) -> String {
    let space = "\u{A0}"
    let text = space + (entry.symbol.isEmpty ? "" : entry.symbol + space) + entry.label + space
    let size = picture.appearance.fontSize * 5 / 6
    return "<td bgcolor=\"\(entry.fill)\" border=\"1\" color=\"\(entry.border)\" style=\"rounded\">"
      + font(text, size: size, palette.text) + "</td>"
  }

  private func cell(_ text: String, size: Int, _ colour: Colour, isBold: Bool = false) -> String {
    let content = font(text, size: size, colour)
    return "<tr><td align=\"left\">\(isBold ? "<b>\(content)</b>" : content)</td></tr>"
  }

  private func font(_ text: String, size: Int, _ colour: Colour) -> String {
    "<font color=\"\(colour)\" point-size=\"\(max(size, 5))\">\(text.escapedForHTML)</font>"
  }
}

extension GraphPicture.Node {
  fileprivate var family: OperatorFamily? {
    if case .operation(let family) = kind { family } else { nil }
  }
}
