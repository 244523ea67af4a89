/// A piece of text, by its bytes.
struct Token: Equatable {
  enum Kind: Equatable {
    case identifier
    /// With its quotes and escapes.
    case string
    /// `x"00ff"`: bytes that are not text.
    case hexString
    case integer
    /// With a point, an exponent, or as in `-inf`. (`inf` and `nan` are identifiers until one expects numbers.)
    case float
    /// `0x7fc00001`: an element's bits.
    case bits
    case arrow
    /// `...` or `…`
    case ellipsis
    case symbol(UInt8)
    case end
  }

  var kind: Kind
  var range: Range<Int>
  /// The `#@` comments before the token, with what is between them.
  var notes: Range<Int>?
}

/// Splits text into tokens; blanks and `#` comments separate them.
struct Lexer {
  let text: [UInt8]
  private(set) var position: Int
  private let end: Int

  init(_ text: [UInt8], range: Range<Int>? = nil) {
    self.text = text
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? text.count
  }

  mutating func next() throws -> Token {
    let notes = skipBlanks()
    let start = position
    let kind = try scan()
    return Token(kind: kind, range: start..<position, notes: notes)
  }

  /// Moves over bytes that the parser read by itself.
  mutating func move(to position: Int) {
    self.position = min(max(position, 0), end)
  }

  func byte(at index: Int) -> UInt8? { index < end ? text[index] : nil }

  private func lookahead(_ offset: Int = 0) -> UInt8? { byte(at: position + offset) }

  private mutating func skipBlanks() -> Range<Int>? {
    var notes: Range<Int>?
    while let byte = lookahead() {
      if byte.isBlank {
        position += 1
      } else if byte == UInt8(ascii: "#") {
        let start = position
        skip { $0 != UInt8(ascii: "\n") }
        if self.byte(at: start + 1) == UInt8(ascii: "@") {
          notes = (notes?.lowerBound ?? start)..<position
        }
      } else {
        break
      }
    }
    return notes
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while let byte = lookahead(), condition(byte) { position += 1 }
  }

  private mutating func scan() throws -> Token.Kind {
    guard let first = lookahead() else { return .end }
    if first == UInt8(ascii: "x"), lookahead(1) == UInt8(ascii: "\"") {
      position += 1
      try scanString()
      return .hexString
    }
    if first.startsIdentifier {
      skip(while: \.continuesIdentifier)
      return .identifier
    }
    if first == UInt8(ascii: "\"") {
      try scanString()
      return .string
    }
    if let number = scanNumber() { return number }
    if let kind = scanLongSymbol() { return kind }
    position += 1
    return .symbol(first)
  }

  private mutating func scanLongSymbol() -> Token.Kind? {
    let symbols: [(text: StaticString, kind: Token.Kind)] = [
      ("=>", .arrow), ("...", .ellipsis), ("…", .ellipsis),
    ]
    for symbol in symbols {
      let length = symbol.text.utf8CodeUnitCount
      let matches = symbol.text.withUTF8Buffer { bytes in
        text[position..<end].prefix(length).elementsEqual(bytes)
      }
      if matches {
        position += length
        return symbol.kind
      }
    }
    return nil
  }

  private mutating func scanString() throws {
    let start = position
    position += 1
    while let byte = lookahead(), byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    guard lookahead() != nil else {
      position = start
      throw SyntaxError("close the string", at: start)
    }
    position += 1
  }

  /// Nil, without moving, where no number starts.
  private mutating func scanNumber() -> Token.Kind? {
    let start = position
    if lookahead() == UInt8(ascii: "-") { position += 1 }
    guard let first = lookahead(), first.isDigit else {
      if position > start, startsSpecialFloat() {
        skip(while: \.continuesIdentifier)
        return .float
      }
      position = start
      return nil
    }
    if first == UInt8(ascii: "0"), lookahead(1) == UInt8(ascii: "x"), position == start {
      position += 2
      skip(while: \.continuesIdentifier)
      return .bits
    }
    skip(while: \.isDigit)
    let hasFraction = scanFraction()
    let hasExponent = scanExponent()
    return hasFraction || hasExponent ? .float : .integer
  }

  private mutating func scanFraction() -> Bool {
    // The points of a range such as 0...1 are not of its lower bound.
    guard lookahead() == UInt8(ascii: "."), lookahead(1) != UInt8(ascii: ".") else { return false }
    position += 1
    skip(while: \.isDigit)
    return true
  }

  private mutating func scanExponent() -> Bool {
    guard let letter = lookahead(), letter | 0x20 == UInt8(ascii: "e") else { return false }
    let hasSign = lookahead(1) == UInt8(ascii: "+") || lookahead(1) == UInt8(ascii: "-")
    guard let digit = lookahead(hasSign ? 2 : 1), digit.isDigit else { return false }
    position += hasSign ? 2 : 1
    skip(while: \.isDigit)
    return true
  }

  private func startsSpecialFloat() -> Bool {
    let word = text[position..<end].prefix(while: \.continuesIdentifier)
    return SpecialFloat.isName(word)
  }
}

/// The words that stand for numbers.
enum SpecialFloat {
  static func isName(_ word: some Collection<UInt8>) -> Bool {
    let lowered = String(decoding: word.prefix(9).map { $0 | 0x20 }, as: UTF8.self)
    return ["inf", "infinity", "nan"].contains(lowered)
  }
}

/// What is wrong at a place of the text; the parser turns it into a `ModelError`.
struct SyntaxError: Error {
  var message: String
  var position: Int

  init(_ message: String, at position: Int) {
    self.message = message
    self.position = position
  }
}

extension UInt8 {
  var isBlank: Bool { self == UInt8(ascii: " ") || (self >= 9 && self <= 13) }

  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  var startsIdentifier: Bool {
    let lowered = self | 0x20
    return (lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")) || self == UInt8(ascii: "_")
  }

  var continuesIdentifier: Bool { startsIdentifier || isDigit }
}
