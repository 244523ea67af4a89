import TensorCore

/// The parts of a text in the shorthand of examples, which `Docs/TextSyntax.md` describes.
struct ExampleText {
  struct Declaration {
    var name: String
    var type: ValueType
    var isConstant: Bool
    var range: ClosedRange<Double>?
    /// The values of a constant, where the text gives them.
    var tensor: Tensor?
    /// Whether it stands among the nodes, so that it belongs to the graph whether or not a node reads it.
    var isInline = false
  }

  var declarations: [Declaration] = []
  var nodes: [NamedNode] = []
  /// What `return` names; nil without it.
  var results: [String]?
  /// Constants written as operands.
  var literals: [NamedTensor] = []
}

extension TextParser {
  /// Declarations and nodes in any order, each of which may end with `;`, then `return a, b` or nothing.
  mutating func example() throws -> ExampleText {
    var example = ExampleText()
    literals = []
    while token.kind != .end {
      if try accept(";") { continue }
      if identifier == "return" {
        try advance()
        example.results = try valueNames()
        _ = try accept(";")
        break
      }
      if identifier == "const" || isAtType {
        example.declarations += try declaration()
      } else {
        example.nodes.append(try node())
      }
    }
    example.literals = literals ?? []
    return example
  }

  /// `const? type name, name (in low...high | = {values} | = value)?`
  private mutating func declaration() throws -> [ExampleText.Declaration] {
    let isConstant = identifier == "const"
    if isConstant { try advance() }
    let type = try type()
    var names: [String] = []
    repeat { names.append(try name("the name of a value")) } while try accept(",")
    var range: ClosedRange<Double>?
    var tensor: Tensor?
    if identifier == "in" {
      try advance()
      range = try self.range()
    } else if isAt("=") {
      guard isConstant else { throw failure("write 'const' before a value that is given") }
      try advance()
      tensor = try constantData(type)
    }
    return names.map { name in
      ExampleText.Declaration(name: name, type: type, isConstant: isConstant, range: range, tensor: tensor)
    }
  }

  /// `low...high`
  private mutating func range() throws -> ClosedRange<Double> {
    let start = token.range.lowerBound
    let low = try number()
    guard token.kind == .ellipsis else { throw failure("expect '...' in a range, found \(found)") }
    try advance()
    let high = try number()
    guard low.isFinite, high.isFinite, low <= high else {
      throw SyntaxError("expect a finite range that does not descend", at: start)
    }
    return low...high
  }

  private mutating func number() throws -> Double {
    guard case .bits(let bits) = try element(of: .float64) else { throw failure("expect a number") }
    return Double(bitPattern: bits)
  }

  /// Values in braces, or one value for all elements.
  private mutating func constantData(_ type: ValueType) throws -> Tensor {
    guard !isAt("{"), let tensorType = type.tensorType, tensorType.elementType != .string else {
      return try tensorData(type)
    }
    let start = token.range.lowerBound
    let value = try element(of: tensorType.elementType)
    do {
      let count = try SeededValues.elementCount(of: type)
      let parts = tensorType.elementType.isComplex ? 2 : 1
      let elements = ElementList(Array(repeating: value, count: count * parts))
      return try elements.tensor(tensorType.elementType, type.shape?.fixedSizes ?? [])
    } catch let error as TensorError {
      throw SyntaxError(error.description, at: start)
    }
  }

  // MARK: Operands

  /// Names, and constants: `1.0`, `{0, -1}`, `float16[2] {0.5, 1.0}`.
  mutating func operands() throws -> [String] {
    var names: [String] = []
    while !isAt(")") {
      names.append(isAt(",") ? "" : try operand())
      guard try accept(",") else { break }
    }
    return names
  }

  private mutating func operand() throws -> String {
    let start = token.range.lowerBound
    guard let tensor = try literal() else { return try name("a value") }
    let text = lexer.text[start..<token.range.lowerBound].filter { !$0.isBlank }
    let name = "\(String(decoding: text, as: UTF8.self))#\(literals?.count ?? 0)"
    literals?.append(NamedTensor(tensor, name: name))
    return name
  }

  /// A constant, or nil where a name is next. Whole numbers are `int64`, others `float`.
  private mutating func literal() throws -> Tensor? {
    switch token.kind {
    case .integer: return try ElementList([try element(of: .int64)]).tensor(.int64, [])
    case .float: return try ElementList([try element(of: .float32)]).tensor(.float32, [])
    case .identifier where SpecialFloat.isName(bytes(of: token)):
      return try ElementList([try element(of: .float32)]).tensor(.float32, [])
    case .identifier where isAtType: return try tensorData(try type())
    case .symbol(UInt8(ascii: "{")):
      let before = self
      if let whole = try? elements(of: .int64) { return try ElementList(whole).tensor(.int64, [whole.count]) }
      self = before
      let numbers = try elements(of: .float32)
      return try ElementList(numbers).tensor(.float32, [numbers.count])
    default: return nil
    }
  }
}
