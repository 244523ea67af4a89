/// All tags of a page, found as a browser finds them: at every `<`.
struct MarkupScanner {
  private(set) var tags: [String] = []
  private(set) var attributes: [(tag: String, name: String, value: String)] = []

  init(_ page: some StringProtocol) {
    for piece in page.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
      let inside = piece.prefix { $0 != ">" }
      let name = inside.prefix { !$0.isWhitespace }
      tags.append(String(name))
      var rest = inside.dropFirst(name.count)
      while let equals = rest.firstIndex(of: "=") {
        let attribute = rest[..<equals].drop(while: \.isWhitespace)
        let value = rest[equals...].dropFirst(2).prefix { $0 != "\"" }
        attributes.append((tag: String(name), name: String(attribute), value: String(value)))
        rest = rest[value.endIndex...].dropFirst()
      }
    }
  }
}
