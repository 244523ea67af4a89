/// Reads the SVG that our own renderers write, so that a page takes over its parts and not its text.
///
/// It understands what these write: elements, attributes in double quotes, text, comments, the declarations at the
/// top, and references to characters. Anything else is an error.
struct SVGReader {
  private let bytes: [UInt8]
  private var position = 0
  private var open: [SVGElement] = []

  static let depthLimit = 64

  /// - Throws: `SVGError`.
  static func read(_ bytes: [UInt8]) throws -> SVGElement {
    var reader = SVGReader(bytes: bytes)
    return try reader.readRoot()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func readRoot() throws -> SVGElement {
    while position < bytes.count {
      if starts(with: "<!--") {
        try skip(through: "-->")
      } else if starts(with: "<?") || starts(with: "<!") {
        try skip(through: ">")
      } else if starts(with: "</") {
        if let root = try readEnd() { return root }
      } else if starts(with: "<") {
        if let root = try readStart() { return root }
      } else {
        try readText()
      }
    }
    throw failure("it ends too early")
  }

  // MARK: Elements

  /// - Returns: the element where it is the root and has no content.
  private mutating func readStart() throws -> SVGElement? {
    position += 1
    var element = SVGElement(name: readName())
    guard !element.name.isEmpty else { throw failure("an element has no name") }
    while true {
      skipSpace()
      if starts(with: "/>") {
        position += 2
        return close(element)
      }
      if starts(with: ">") {
        position += 1
        guard open.count < Self.depthLimit else { throw failure("elements are nested too deeply") }
        open.append(element)
        return nil
      }
      element.attributes.append(try readAttribute())
    }
  }

  private mutating func readAttribute() throws -> (name: String, value: String) {
    let name = readName()
    guard !name.isEmpty, starts(with: "=\"") else { throw failure("an attribute is not name=\"value\"") }
    position += 2
    let value = try readCharacters(until: UInt8(ascii: "\""))
    position += 1
    return (name: name, value: value)
  }

  private mutating func readEnd() throws -> SVGElement? {
    position += 2
    let name = readName()
    guard let element = open.popLast(), element.name == name, starts(with: ">") else {
      throw failure("</\(name)> ends nothing")
    }
    position += 1
    return close(element)
  }

  private mutating func close(_ element: SVGElement) -> SVGElement? {
    guard let last = open.indices.last else { return element }
    open[last].children.append(element)
    return nil
  }

  private mutating func readText() throws {
    let text = try readCharacters(until: UInt8(ascii: "<"))
    if let last = open.indices.last { open[last].text += text }
  }

  // MARK: Characters

  private mutating func readName() -> String {
    let start = position
    while position < bytes.count, Self.isOfName(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: ":"): true
    default: false
    }
  }

  /// Up to `end`, which stays; references become what they stand for.
  private mutating func readCharacters(until end: UInt8) throws -> String {
    var text = ""
    var start = position
    while position < bytes.count, bytes[position] != end {
      if bytes[position] == UInt8(ascii: "&") {
        text += String(decoding: bytes[start..<position], as: UTF8.self)
        text += try readReference()
        start = position
      } else {
        position += 1
      }
    }
    guard position < bytes.count else { throw failure("it ends too early") }
    return text + String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func readReference() throws -> String {
    guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
      throw failure("a reference has no end")
    }
    let name = String(decoding: bytes[position + 1..<end], as: UTF8.self)
    position = end + 1
    if let character = Self.named[name] { return character }
    let number =
      name.hasPrefix("#x")
      ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
    guard let scalar = number.flatMap(Unicode.Scalar.init) else { throw failure("&\(name); is unknown") }
    return String(Character(scalar))
  }

  private static let named = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
  ]

  private func starts(with text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard position + length <= bytes.count else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[position..<position + length]) }
  }

  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private mutating func skip(through text: StaticString) throws {
    while position < bytes.count, !starts(with: text) { position += 1 }
    guard position < bytes.count else { throw failure("it ends too early") }
    position += text.utf8CodeUnitCount
  }

  private func failure(_ what: String) -> SVGError {
    SVGError(description: "the picture cannot be read at byte \(position): \(what)")
  }
}
