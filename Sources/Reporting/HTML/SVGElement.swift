/// A piece of a picture, as it was read.
struct SVGElement: Sendable {
  var name: String
  var attributes: [(name: String, value: String)] = []
  var children: [SVGElement] = []
  /// Between its tags, without that of its children.
  var text = ""

  subscript(attribute: String) -> String? { attributes.first { $0.name == attribute }?.value }

  func first(_ name: String) -> SVGElement? { children.first { $0.name == name } }
}

/// What is wrong with a picture that was to be read.
struct SVGError: Error, CustomStringConvertible {
  let description: String
}
