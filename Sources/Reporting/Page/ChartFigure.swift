import Foundation

/// A chart of ours in a page, whose groups of shapes can lead to rows of tables.
struct ChartFigure {
  /// For the title of a group, the number of the row that it leads to.
  let row: (String) -> Int?
  private var seen: Set<Int> = []

  static func html(of chart: SVGElement, title: String, row: @escaping (String) -> Int?) -> HTML {
    var figure = ChartFigure(row: row)
    let box = [chart["width"], chart["height"]].compactMap { $0.flatMap { Int($0) } }.map { "\($0)" }
    return .element(
      .svg,
      [
        .class("chart"), .role("group"), .label(title),
        HTML.Attribute(name: .viewBox, value: "0 0 " + box.joined(separator: " ")),
      ],
      chart.children.compactMap { figure.piece($0) })
  }

  private init(row: @escaping (String) -> Int?) { self.row = row }

  private mutating func piece(_ element: SVGElement) -> HTML? {
    if let shape = element.shape { return shape }
    guard element.name == "g" else { return nil }
    let name = element.first("title")?.text ?? ""
    let title = name.isEmpty ? [] : [HTML.element(.title, [], [.text(name)])]
    let shapes = title + element.children.compactMap { piece($0) }
    let hue = HTML.Attribute.class(element["class"] ?? "")
    guard let number = row(name) else { return .element(.g, [hue], shapes) }
    // A plan has a point in each panel: its row leads to the first, and the keyboard stops there only.
    let isFirst = seen.insert(number).inserted
    let place: [HTML.Attribute] = isFirst ? [.id(.point(number))] : [.fixed(.tabindex, "-1")]
    return .element(.a, [hue, .link(to: .plan(number))] + place, shapes)
  }
}
