extension DimensionExpression: CustomStringConvertible {
  /// As in `2*N+1`, `N//32`, `max(A,B)`.
  public var description: String {
    guard !terms.isEmpty else { return "0" }
    var text = ""
    for term in terms {
      let product = term.description
      text += text.isEmpty || product.hasPrefix("-") ? product : "+" + product
    }
    return text
  }

  /// Reads what `description` prints, and blanks; nil for any other text.
  public init?(parsing text: String) {
    var parser = DimensionExpressionParser(text)
    guard let expression = parser.parseAll() else { return nil }
    self = expression
  }
}

extension DimensionExpression.Term: CustomStringConvertible {
  var description: String {
    // A lone division needs no parentheses; in a product it would divide all that stands before it.
    let isLone = factors.count == 1 && coefficient == 1
    let product = factors.map { isLone ? $0.description : $0.operandText }.joined(separator: "*")
    switch (coefficient, factors.isEmpty) {
    case (_, true): return "\(coefficient)"
    case (1, false): return product
    case (-1, false): return "-" + product
    default: return "\(coefficient)*" + product
    }
  }
}

extension DimensionExpression.Factor: CustomStringConvertible {
  public var description: String {
    switch self {
    case .symbol(let name): name
    case .floorDivision(let a, by: let b): "\(a.atom)//\(b.atom)"
    case .maximum(let a, let b): "max(\(a),\(b))"
    case .minimum(let a, let b): "min(\(a),\(b))"
    }
  }
}

extension DimensionExpression.Factor {
  fileprivate var operandText: String {
    if case .floorDivision = self { "(\(self))" } else { description }
  }
}

extension DimensionExpression {
  /// The text in parentheses where it would not bind as one operand.
  fileprivate var atom: String {
    if let constant, constant >= 0 { return description }
    return symbol ?? "(\(self))"
  }
}

/// Recursive descent over `sum ::= product (± product)*`, `product ::= atom ((* | //) atom)*`.
private struct DimensionExpressionParser {
  private var text: Substring
  private var depth = 0

  init(_ text: String) {
    self.text = text[...]
  }

  mutating func parseAll() -> DimensionExpression? {
    guard text.utf8.count <= 1024, let sum = parseSum() else { return nil }
    skipBlanks()
    return text.isEmpty ? sum : nil
  }

  private mutating func parseSum() -> DimensionExpression? {
    guard var sum = parseProduct() else { return nil }
    while true {
      if accept("+") {
        guard let next = parseProduct().flatMap(sum.adding) else { return nil }
        sum = next
      } else if accept("-") {
        guard let next = parseProduct().flatMap(sum.subtracting) else { return nil }
        sum = next
      } else {
        return sum
      }
    }
  }

  private mutating func parseProduct() -> DimensionExpression? {
    guard var product = parseAtom() else { return nil }
    while true {
      if accept("//") {
        guard let next = parseAtom().flatMap(product.floorDivided(by:)) else { return nil }
        product = next
      } else if accept("*") {
        guard let next = parseAtom().flatMap(product.multiplied(by:)) else { return nil }
        product = next
      } else {
        return product
      }
    }
  }

  private mutating func parseAtom() -> DimensionExpression? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 32 else { return nil }
    if accept("-") { return parseAtom().flatMap { $0.multiplied(by: DimensionExpression(-1)) } }
    if accept("(") {
      guard let inner = parseSum(), accept(")") else { return nil }
      return inner
    }
    let word = parseWord()
    guard let first = word.first else { return nil }
    if first.isASCII, first.isNumber { return Int(word).map(DimensionExpression.init(_:)) }
    guard word == "max" || word == "min", accept("(") else { return DimensionExpression(symbol: word) }
    guard let a = parseSum(), accept(","), let b = parseSum(), accept(")") else { return nil }
    return word == "max" ? a.maximum(b) : a.minimum(b)
  }

  private mutating func parseWord() -> String {
    skipBlanks()
    let word = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    text = text.dropFirst(word.count)
    return String(word)
  }

  private mutating func accept(_ token: String) -> Bool {
    skipBlanks()
    guard text.hasPrefix(token) else { return false }
    text = text.dropFirst(token.count)
    return true
  }

  private mutating func skipBlanks() {
    text = text.drop { $0 == " " }
  }
}
