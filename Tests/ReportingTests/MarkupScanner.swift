/// All tags of a page, found as a browser finds them: at every `<`, whatever combining mark stands behind it.
struct MarkupScanner {
  private(set) var tags: [String] = []
  private(set) var attributes: [(tag: String, name: String, value: String)] = []

  init(_ page: some StringProtocol) {
    for piece in page.utf8.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false).dropFirst() {
      let inside = piece.prefix { $0 != UInt8(ascii: ">") }
      let name = inside.prefix { !Self.isSpace($0) }
      tags.append(Self.text(name))
      var rest = inside.dropFirst(name.count)
      while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
        let attribute = rest[..<equals].drop(while: Self.isSpace)
        let value = rest[equals...].dropFirst(2).prefix { $0 != UInt8(ascii: "\"") }
        attributes.append((tag: Self.text(name), name: Self.text(attribute), value: Self.text(value)))
        rest = rest[value.endIndex...].dropFirst()
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }

  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
  }
}
