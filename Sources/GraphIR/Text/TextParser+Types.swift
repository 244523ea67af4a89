import TensorCore

extension TextParser {
  private static let constructors: Set<String> = ["seq", "map", "optional", "sparse_tensor", "opaque"]

  /// Whether `word` starts a type, so that it cannot be a value's name without quotes.
  static func isTypeName(_ word: String) -> Bool {
    ElementType(named: word) != nil || constructors.contains(word)
  }

  var isAtType: Bool { identifier.map(Self.isTypeName) ?? false }

  /// `float[N,3]`, `seq(type)`, `map(int64, type)`, `optional(type)`, `sparse_tensor(float[3])`,
  /// `opaque(domain, name)`.
  mutating func type() throws -> ValueType {
    try nested { parser in
      let keyword = try parser.identifier("a type")
      if let elementType = ElementType(named: keyword) {
        return .tensor(try parser.tensorType(elementType))
      }
      guard Self.constructors.contains(keyword) else {
        throw parser.failure("'\(keyword)' is no type")
      }
      try parser.expect("(", "after \(keyword)")
      let type = try parser.arguments(of: keyword)
      try parser.expect(")", "after the type")
      return type
    }
  }

  private mutating func arguments(of constructor: String) throws -> ValueType {
    switch constructor {
    case "seq": return .sequence(try type())
    case "optional": return .optional(try type())
    case "sparse_tensor": return .sparseTensor(try tensorType(try elementType()))
    case "map":
      let key = try elementType()
      try expect(",", "after the type of keys")
      return .map(key: key, value: try type())
    default: return try opaqueArguments()
    }
  }

  private mutating func elementType() throws -> ElementType {
    guard let word = identifier, let type = ElementType(named: word) else {
      throw failure("expect an element type, found \(found)")
    }
    try advance()
    return type
  }

  /// A lone argument is the name, not the domain.
  private mutating func opaqueArguments() throws -> ValueType {
    guard isAtName else { return .opaque(domain: "", name: "") }
    let first = try dottedName("a name")
    guard try accept(",") else { return .opaque(domain: "", name: first) }
    return .opaque(domain: first, name: isAt(")") ? "" : try dottedName("a name"))
  }

  /// `a.b.c`, each part an identifier or quoted.
  mutating func dottedName(_ what: String) throws -> String {
    var name = try self.name(what)
    while try accept(".") { name += "." + (try self.name(what)) }
    return name
  }

  /// What follows an element type: nothing for a scalar, `[]` for an unknown rank, or the sizes.
  mutating func tensorType(_ elementType: ElementType) throws -> TensorType {
    guard isAt("[") else { return TensorType(elementType, .scalar) }
    if lexer.byte(at: firstByte(from: token.range.upperBound)) == UInt8(ascii: "]") {
      try advance()
      try advance()
      return TensorType(elementType, nil)
    }
    var dimensions: [Dimension] = []
    var start = token.range.upperBound
    while true {
      let end = try endOfDimension(from: start)
      dimensions.append(try dimension(start..<end))
      start = end + 1
      if lexer.byte(at: end) == UInt8(ascii: "]") { break }
    }
    try advance(to: start)
    return TensorType(elementType, Shape(dimensions))
  }

  private func firstByte(from index: Int) -> Int {
    var index = index
    while let byte = lexer.byte(at: index), byte.isBlank { index += 1 }
    return index
  }

  /// The comma or bracket that ends the dimension; sizes are no tokens, since `N//2` and `max(A,B)` are sizes.
  private func endOfDimension(from start: Int) throws -> Int {
    var index = start
    var parentheses = 0
    var isQuoted = false
    while let byte = lexer.byte(at: index) {
      switch byte {
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case _ where isQuoted: break
      case UInt8(ascii: "("): parentheses += 1
      case UInt8(ascii: ")"): parentheses -= 1
      case UInt8(ascii: ",") where parentheses == 0: return index
      case UInt8(ascii: "]"): return index
      default: break
      }
      index += 1
    }
    throw SyntaxError("close the sizes with ']'", at: start)
  }

  /// `?`, a number, or an expression over symbols; in quotes, any symbol.
  private func dimension(_ range: Range<Int>) throws -> Dimension {
    let start = min(firstByte(from: range.lowerBound), range.upperBound)
    if lexer.byte(at: start) == UInt8(ascii: "\""), start < range.upperBound {
      var parser = try TextParser(lexer.text, range: start..<range.upperBound, file: file)
      let symbol = try parser.text("a size")
      try parser.expectEnd()
      return Dimension(parameter: symbol)
    }
    let text = String(
      decoding: lexer.text[start..<range.upperBound].map { $0.isBlank ? 0x20 : $0 }, as: UTF8.self
    )
    .trimmingBlanks
    if text == "?" { return .unknown }
    guard let expression = DimensionExpression(parsing: text) else {
      throw SyntaxError("'\(text.prefix(40))' is no size", at: start)
    }
    let dimension = Dimension(expression)
    // Exporters write -1 for a size that they do not know.
    return (dimension.fixedSize ?? 0) < 0 ? .unknown : dimension
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var rest = self[...]
    while rest.last == " " { rest.removeLast() }
    return String(rest.drop { $0 == " " })
  }
}
