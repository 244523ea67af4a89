/// Reads the dictionary of text, booleans and tuples of sizes that a `.npy` header is.
struct PythonLiteralParser {
  enum Value: Equatable {
    case text(String)
    case boolean(Bool)
    case tuple([Int])
    /// A list: the header of an array of records.
    case other
  }

  private var rest: Substring

  init(_ text: String) {
    rest = text[...]
  }

  mutating func dictionary() throws -> [String: Value] {
    var fields: [String: Value] = [:]
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      fields[key] = try value()
      if fields[key] == .other { return fields }
      if !take(",") {
        try expect("}")
        break
      }
    }
    return fields
  }

  private mutating func value() throws -> Value {
    skipSpace()
    switch rest.first {
    case "'", "\"": return .text(try string())
    case "(": return .tuple(try tuple())
    case "[": return .other
    default:
      if takeWord("True") { return .boolean(true) }
      if takeWord("False") { return .boolean(false) }
      throw Self.malformed
    }
  }

  private mutating func tuple() throws -> [Int] {
    var sizes: [Int] = []
    try expect("(")
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let size = Int(digits) else { throw Self.malformed }
      rest = rest[digits.endIndex...]
      // Python 2 wrote long integers so.
      _ = take("L")
      sizes.append(size)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func string() throws -> String {
    skipSpace()
    guard let quote = rest.first, quote == "'" || quote == "\"" else { throw Self.malformed }
    let text = rest.dropFirst().prefix { $0 != quote }
    guard text.endIndex < rest.endIndex else { throw Self.malformed }
    rest = rest[text.endIndex...].dropFirst()
    return String(text)
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard rest.first == character else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func expect(_ character: Character) throws {
    guard take(character) else { throw Self.malformed }
  }

  private static let malformed = DatasetError("its .npy header is malformed")
}
