import TensorCore

/// Recursive descent over ONNX's textual syntax. `Docs/TextSyntax.md` lists what is accepted beyond it.
struct TextParser {
  static let maximumDepth = 64

  private(set) var lexer: Lexer
  /// The next token, not yet consumed.
  private(set) var token: Token
  let file: String?
  /// Constants that stand where operands do, which only the shorthand of examples allows; nil elsewhere.
  var literals: [NamedTensor]?
  private var depth = 0

  /// - Parameter file: where the text comes from, for messages and for external data beside it.
  init(_ text: String, file: String? = nil) throws {
    try self.init(Array(text.utf8), range: nil, file: file)
  }

  init(_ bytes: [UInt8], range: Range<Int>?, file: String?) throws {
    lexer = Lexer(bytes, range: range)
    token = Token(kind: .end, range: 0..<0)
    self.file = file
    token = try lexer.next()
  }

  /// What `body` parses, its errors with place and file.
  static func parse<Result>(
    _ text: String, file: String?, _ body: (inout TextParser) throws -> Result
  ) throws -> Result {
    let bytes = Array(text.utf8)
    do {
      var parser = try TextParser(bytes, range: nil, file: file)
      let result = try body(&parser)
      try parser.expectEnd()
      return result
    } catch let error as SyntaxError {
      throw error.located(in: bytes, file: file)
    }
  }

  // MARK: Tokens

  func failure(_ message: String) -> SyntaxError {
    SyntaxError(message, at: token.range.lowerBound)
  }

  @discardableResult
  mutating func advance() throws -> Token {
    let current = token
    token = try lexer.next()
    return current
  }

  /// Goes on reading at `position`, which lies behind what was read so far.
  mutating func advance(to position: Int) throws {
    lexer.move(to: position)
    token = try lexer.next()
  }

  func isAt(_ symbol: Unicode.Scalar) -> Bool { token.kind == .symbol(UInt8(ascii: symbol)) }

  mutating func accept(_ symbol: Unicode.Scalar) throws -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ symbol: Unicode.Scalar, _ context: String) throws {
    guard try accept(symbol) else { throw failure("expect '\(symbol)' \(context), found \(found)") }
  }

  mutating func expectArrow() throws {
    guard token.kind == .arrow else { throw failure("expect '=>' before the outputs, found \(found)") }
    try advance()
  }

  func expectEnd() throws {
    guard token.kind == .end else { throw failure("expect the end of the text, found \(found)") }
  }

  /// The next token, for messages.
  var found: String {
    guard token.kind != .end else { return "the end of the text" }
    let text = text(of: token)
    return "'" + (text.count > 40 ? text.prefix(40) + "…" : text) + "'"
  }

  func bytes(of token: Token) -> ArraySlice<UInt8> { lexer.text[token.range] }

  func text(of token: Token) -> String { String(decoding: bytes(of: token), as: UTF8.self) }

  /// What `body` parses, one level deeper.
  mutating func nested<Result>(_ body: (inout TextParser) throws -> Result) throws -> Result {
    guard depth < Self.maximumDepth else { throw failure("nest less than \(Self.maximumDepth) deep") }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  // MARK: Lists

  /// `element (',' element)* close`, or `close` at once.
  mutating func list(
    until close: Unicode.Scalar, _ context: String, _ element: (inout TextParser) throws -> Void
  ) throws {
    if try accept(close) { return }
    repeat { try element(&self) } while try accept(",")
    try expect(close, context)
  }

  // MARK: Names and literals

  /// The identifier that is next, unread.
  var identifier: String? { token.kind == .identifier ? text(of: token) : nil }

  /// Whether a name is next.
  var isAtName: Bool { token.kind == .identifier || token.kind == .string }

  mutating func identifier(_ what: String) throws -> String {
    guard let identifier else { throw failure("expect \(what), found \(found)") }
    try advance()
    return identifier
  }

  /// An identifier, or any text in quotes.
  mutating func name(_ what: String) throws -> String {
    if token.kind == .string { return String(decoding: try string(what).bytes, as: UTF8.self) }
    return try identifier(what)
  }

  /// Text in quotes where a backslash takes the next character as it is, or `x"…"`.
  mutating func string(_ what: String) throws -> ByteString {
    switch token.kind {
    case .string: return ByteString(bytes: unescaped(try advance()))
    case .hexString: return ByteString(bytes: try hexBytes())
    default: throw failure("expect \(what) in quotes, found \(found)")
    }
  }

  mutating func text(_ what: String) throws -> String {
    String(decoding: try string(what).bytes, as: UTF8.self)
  }

  mutating func integer(_ what: String) throws -> Int64 {
    guard token.kind == .integer else { throw failure("expect \(what), a whole number, found \(found)") }
    guard let value = Int64(text(of: token)) else { throw failure("\(text(of: token)) is too large") }
    try advance()
    return value
  }

  private func unescaped(_ token: Token) -> [UInt8] {
    let quoted = bytes(of: token).dropFirst().dropLast()
    guard quoted.contains(UInt8(ascii: "\\")) else { return Array(quoted) }
    var result: [UInt8] = []
    var rest = quoted
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "\\") {
        result.append(byte)
      } else if let escaped = rest.popFirst() {
        result.append(escaped)
      }
    }
    return result
  }

  private mutating func hexBytes() throws -> [UInt8] {
    let digits = bytes(of: token).dropFirst(2).dropLast()
    guard digits.count.isMultiple(of: 2) else { throw failure("write two digits for each byte") }
    var result: [UInt8] = []
    for start in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
      let pair = String(decoding: digits[start..<start + 2], as: UTF8.self)
      guard !pair.hasPrefix("+"), let byte = UInt8(pair, radix: 16) else {
        throw failure("expect hexadecimal digits")
      }
      result.append(byte)
    }
    try advance()
    return result
  }
}

extension SyntaxError {
  /// With line and column, counted from 1, and the line itself.
  func located(in text: [UInt8], file: String?) -> ModelError {
    let newline = UInt8(ascii: "\n")
    let place = min(max(position, 0), text.count)
    let before = text[..<place]
    let line = before.count { $0 == newline } + 1
    let start = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = text[place...].firstIndex(of: newline) ?? text.count
    let column = before[start...].count { !$0.continuesScalar } + 1
    // Lines that hold a tensor are long: the part around the place is enough.
    let from = Self.scalarBoundary(max(start, place - 60), in: text)
    let to = Self.scalarBoundary(min(end, place + 30), in: text)
    let snippet = String(decoding: text[from..<to], as: UTF8.self)
    let indent = String(repeating: " ", count: text[from..<place].count { !$0.continuesScalar })
    return ModelError("\(line):\(column): \(message)\n  \(snippet)\n  \(indent)^", file: file)
  }

  private static func scalarBoundary(_ index: Int, in text: [UInt8]) -> Int {
    var index = index
    while index > 0, index < text.count, text[index].continuesScalar { index -= 1 }
    return index
  }
}

extension UInt8 {
  /// Whether the byte goes on with a UTF-8 scalar.
  fileprivate var continuesScalar: Bool { self & 0xC0 == 0x80 }
}
