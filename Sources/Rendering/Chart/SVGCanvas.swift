import Foundation

/// Elements of an SVG picture, in the order in which they are painted. Coordinates are pixels from the upper left.
struct SVGCanvas {
  private(set) var elements: [String] = []

  /// The whole file, in the colours of `ChartStyle`.
  func document(title: String, width: Double, height: Double) -> String {
    let size = "width=\"\(Int(width))\" height=\"\(Int(height))\""
    let box = "viewBox=\"0 0 \(Int(width)) \(Int(height))\""
    let open =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\" aria-labelledby=\"title\">"
    let name = "<title id=\"title\">\(title.shown(atMost: 200).escapedForHTML)</title>"
    let background = "<rect class=\"background\" width=\"100%\" height=\"100%\"/>"
    return ([open, name, ChartStyle.sheet, background] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// Paints `other` on top.
  mutating func add(_ other: SVGCanvas) { elements += other.elements }

  mutating func text(_ text: String, x: Double, y: Double, _ classes: String) {
    elements.append(
      "<text class=\"\(classes)\" x=\"\(number(x))\" y=\"\(number(y))\">\(text.escapedForHTML)</text>")
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ classes: String) {
    let position = "x=\"\(number(x))\" y=\"\(number(y))\""
    let size = "width=\"\(number(width))\" height=\"\(number(height))\""
    elements.append("<rect class=\"\(classes)\" \(position) \(size)/>")
  }

  mutating func circle(x: Double, y: Double, radius: Double, _ classes: String) {
    elements.append(
      "<circle class=\"\(classes)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\"/>")
  }

  mutating func verticalLine(x: Double, from top: Double, to bottom: Double, _ classes: String) {
    path("M\(number(x)) \(number(top))V\(number(bottom))", classes)
  }

  mutating func horizontalLine(y: Double, from start: Double, to end: Double, _ classes: String) {
    path("M\(number(start)) \(number(y))H\(number(end))", classes)
  }

  /// A staircase through corners: along to the next one, then up or down.
  mutating func steps(_ corners: [(x: Double, y: Double)], _ classes: String) {
    guard let first = corners.first else { return }
    let rest = corners.dropFirst().map { "H\(number($0.x))V\(number($0.y))" }.joined()
    path("M\(number(first.x)) \(number(first.y))\(rest)", classes)
  }

  /// A horizontal line with short ends.
  mutating func whisker(from start: Double, to end: Double, y: Double, _ classes: String) {
    let (a, b, top, bottom) = (number(start), number(end), number(y - 3), number(y + 3))
    path("M\(a) \(number(y))H\(b)M\(a) \(top)V\(bottom)M\(b) \(top)V\(bottom)", classes)
  }

  mutating func diamond(x: Double, y: Double, _ classes: String) {
    path("M\(number(x)) \(number(y - 4))l4 4l-4 4l-4 -4z", classes)
  }

  private mutating func path(_ data: String, _ classes: String) {
    elements.append("<path class=\"\(classes)\" d=\"\(data)\"/>")
  }

  /// What `body` adds belongs together, and says `title` when somebody points at it.
  mutating func group(_ title: String, _ classes: String, _ body: (inout SVGCanvas) -> Void) {
    elements.append("<g class=\"\(classes)\"><title>\(title.escapedForHTML)</title>")
    body(&self)
    elements.append("</g>")
  }

  private func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value == 0 ? 0 : value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
