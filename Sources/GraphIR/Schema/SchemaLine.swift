import TensorCore

/// One line of `SchemaTable`, which says how it reads. What it cannot read it leaves out: a test reads all.
struct SchemaLine {
  private let fields: [Substring]

  init(_ line: String) {
    fields = line.split(separator: "|", omittingEmptySubsequences: false)
  }

  func schema(of op: OperatorName) -> OperatorSchema? {
    guard fields.count == 5 else { return nil }
    let version = fields[0].drop { $0 != " " }.dropFirst().split(separator: "-")
    guard let sinceVersion = version.first.flatMap({ Int($0) }) else { return nil }
    return OperatorSchema(
      op: op, sinceVersion: sinceVersion, isDeprecated: version.count > 1,
      inputs: items(in: 1).compactMap(Self.parameter), outputs: items(in: 2).compactMap(Self.parameter),
      attributes: items(in: 3).compactMap(Self.attribute),
      typeConstraints: items(in: 4).compactMap(Self.constraint))
  }

  /// The qualified name that starts the line.
  var operatorName: OperatorName {
    let qualified = fields[0].prefix { $0 != " " }.split(separator: ".")
    return OperatorName(
      String(qualified.last ?? ""), domain: qualified.dropLast().joined(separator: "."))
  }

  func items(in field: Int) -> [Substring] { fields[field].split(separator: " ") }

  private static func parameter(_ text: Substring) -> OperatorSchema.Parameter? {
    let (head, typeText) = text.halves(at: ":")
    guard let typeText else { return nil }
    let type = ValueType(schemaText: typeText).map(OperatorSchema.ParameterType.concrete)
    var name = head
    var arity = OperatorSchema.Arity.single
    if name.hasSuffix("?") {
      name.removeLast()
      arity = .optional
    }
    let (variadicName, minimum) = head.halves(at: "*")
    if let minimum {
      name = variadicName
      arity = .variadic(minimum: Int(minimum.prefix { $0 != "~" }) ?? 0)
    }
    return OperatorSchema.Parameter(
      name: String(name), type: type ?? .variable(String(typeText)), arity: arity,
      isHomogeneous: !head.hasSuffix("~"))
  }

  private static func attribute(_ text: Substring) -> OperatorSchema.AttributeSchema? {
    let (head, value) = text.halves(at: "=")
    let (name, kindText) = head.halves(at: ":")
    guard let kindText else { return nil }
    let isRequired = kindText.hasSuffix("!")
    guard let kind = AttributeKind(named: String(isRequired ? kindText.dropLast() : kindText)) else {
      return nil
    }
    return OperatorSchema.AttributeSchema(
      name: String(name), kind: kind, isRequired: isRequired,
      default: value.flatMap { defaultValue($0, of: kind) })
  }

  private static func constraint(_ text: Substring) -> OperatorSchema.TypeConstraint? {
    let (variable, number) = text.halves(at: ":")
    let lines = SchemaTable.typeSetLines
    guard let index = number.flatMap({ Int($0) }), lines.indices.contains(index) else { return nil }
    return OperatorSchema.TypeConstraint(
      variable: String(variable), allowedTypes: ValueType.list(schemaText: lines[index][...]))
  }

  private static func defaultValue(_ text: Substring, of kind: AttributeKind) -> AttributeValueOf<Never>? {
    let parts = text.split(separator: ",")
    return switch kind {
    case .int: Int64(text).map { .int($0) }
    case .float: Float(text).map { .float($0) }
    case .string: .string(ByteString(percentEncoded: text))
    case .ints: .ints(parts.compactMap { Int64($0) })
    case .floats: .floats(parts.compactMap { Float($0) })
    case .strings: .strings(parts.map { ByteString(percentEncoded: $0) })
    default: nil
    }
  }
}

extension Substring {
  /// The text before and after the first `separator`; nil for the second where there is none.
  fileprivate func halves(at separator: Character) -> (head: Substring, rest: Substring?) {
    guard let index = firstIndex(of: separator) else { return (self, nil) }
    return (self[..<index], self[self.index(after: index)...])
  }
}

extension ByteString {
  fileprivate init(percentEncoded text: Substring) {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let hex = rest.prefix(2)
      if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: hex, as: UTF8.self), radix: 16) {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    self.init(bytes: bytes)
  }
}

extension ValueType {
  /// Types separated by commas; one whose elements are unknown is left out.
  fileprivate static func list(schemaText text: Substring) -> [ValueType] {
    var types: [ValueType] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "," where depth == 0:
        if let type = ValueType(schemaText: text[start..<index]) { types.append(type) }
        start = text.index(after: index)
      default: break
      }
    }
    if let type = ValueType(schemaText: text[start...]) { types.append(type) }
    return types
  }

  /// A type of unknown shape, as in `float`, `seq(map(int64,float))`.
  fileprivate init?(schemaText text: Substring) {
    let (head, rest) = text.halves(at: "(")
    guard let rest else {
      guard let elementType = ElementType(named: String(head)) else { return nil }
      self = .tensor(elementType, nil)
      return
    }
    let inner = rest.dropLast()
    switch head {
    case "seq":
      guard let element = ValueType(schemaText: inner) else { return nil }
      self = .sequence(element)
    case "optional":
      guard let element = ValueType(schemaText: inner) else { return nil }
      self = .optional(element)
    case "map":
      let (keyText, valueText) = inner.halves(at: ",")
      guard let key = ElementType(named: String(keyText)),
        let value = valueText.flatMap({ ValueType(schemaText: $0) })
      else { return nil }
      self = .map(key: key, value: value)
    default: return nil
    }
  }
}
