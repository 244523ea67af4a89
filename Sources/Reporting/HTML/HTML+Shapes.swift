extension HTML.Attribute.Name {
  /// How shapes look and where they are; nothing that loads, links or runs.
  static let ofShapes: Set<String> = [
    "class", "cx", "cy", "d", "fill", "font-size", "font-style", "font-weight", "height", "points", "r", "rx",
    "ry",
    "stroke", "stroke-dasharray", "stroke-width", "text-anchor", "text-decoration", "width", "x", "y",
  ]
}

extension SVGElement {
  /// This shape or line of text as part of a page; nil for anything else.
  var shape: HTML? {
    switch name {
    case "path", "polygon", "polyline", "ellipse", "circle", "rect":
      HTML.Tag(rawValue: name).map { .element($0, shapeAttributes, []) }
    case "text": .element(.text, shapeAttributes, [.text(text)])
    default: nil
    }
  }

  private var shapeAttributes: [HTML.Attribute] {
    attributes.compactMap { name, value in
      guard HTML.Attribute.Name.ofShapes.contains(name), value.unicodeScalars.allSatisfy(Self.isPlain),
        (name, value) != ("text-anchor", "start")
      else { return nil }
      return HTML.Attribute.Name(rawValue: name).map { HTML.Attribute(name: $0, value: value) }
    }
  }

  /// No character of these makes a value into a function or an address.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "#", ".", ",", "-", "+", "%", " ": true
    default: false
    }
  }
}
