import TensorCore

extension TextParser {
  /// `<name = value, name: kind = value>`, or nothing.
  mutating func attributes() throws -> [NamedAttribute] {
    guard try accept("<") else { return [] }
    var attributes: [NamedAttribute] = []
    try list(until: ">", "after the attributes") { attributes.append(try $0.attribute()) }
    return attributes
  }

  mutating func attribute() throws -> NamedAttribute {
    let notes = try takeNotes()
    let name = try self.name("an attribute")
    return try attribute(named: name, notes: notes)
  }

  mutating func attribute(named name: String, notes: Notes) throws -> NamedAttribute {
    var kind = AttributeKind.undefined
    if try accept(":") {
      let word = try identifier("the kind of the attribute")
      guard let named = AttributeKind(named: word) else { throw failure("'\(word)' is no kind of attribute") }
      kind = named
    }
    try expect("=", "before the value of \(name)")
    let value = try attributeValue(kind)
    return NamedAttribute(name, value, annotations: notes.annotations)
  }

  private mutating func attributeValue(_ kind: AttributeKind) throws -> AttributeValueOf<NamedGraph> {
    let start = token.range.lowerBound
    if try accept("@") { return .reference(name: try name("an attribute of the function"), kind: kind) }
    if isAt("[") { return try attributeList(kind) }
    let single = try singleValue(kind)
    guard kind == .undefined || single.kind == kind else {
      throw SyntaxError("expect \(kind.name), found \(single.kind.name)", at: start)
    }
    return single
  }

  private mutating func attributeList(_ kind: AttributeKind) throws -> AttributeValueOf<NamedGraph> {
    let start = token.range.lowerBound
    try expect("[", "before the values")
    let elementKind = kind.elementKind ?? .undefined
    guard kind == .undefined || elementKind != .undefined else {
      throw SyntaxError("expect one \(kind.name), found a list", at: start)
    }
    var values: [AttributeValueOf<NamedGraph>] = []
    try list(until: "]", "after the values") { values.append(try $0.singleValue(elementKind)) }
    guard let list = AttributeValueOf(listing: values, kind: kind) else {
      let message =
        values.isEmpty
        ? "give the kind of an empty list, as in 'name: ints = []'" : "values of a list are of one kind"
      throw SyntaxError(message, at: start)
    }
    return list
  }

  /// - Parameter kind: what is expected; `undefined` takes what comes.
  private mutating func singleValue(_ kind: AttributeKind) throws -> AttributeValueOf<NamedGraph> {
    switch token.kind {
    case .integer where kind != .float: return .int(try integer("a value"))
    case .integer, .float, .bits: return .float(try floatValue())
    case .identifier where SpecialFloat.isName(bytes(of: token)): return .float(try floatValue())
    case .identifier where isAtType: return try typedValue()
    case .string: return try stringOrGraph()
    case .hexString: return .string(try string("a value"))
    case .identifier: return .graph(try nested { try $0.graph() })
    default: throw failure("expect a value, found \(found)")
    }
  }

  private mutating func floatValue() throws -> Float {
    guard case .bits(let bits) = try element(of: .float32) else { throw failure("expect a number") }
    return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
  }

  /// A string, or a graph whose name is quoted.
  private mutating func stringOrGraph() throws -> AttributeValueOf<NamedGraph> {
    let notes = try takeNotes()
    let string = try string("a value")
    guard isAt("(") else { return .string(string) }
    return .graph(try nested { try $0.graph(named: string.description, notes: notes) })
  }

  /// A tensor, a sparse tensor, or a type.
  private mutating func typedValue() throws -> AttributeValueOf<NamedGraph> {
    let notes = try takeNotes()
    let type = try type()
    guard isAt("{") || isAt("=") || isAtName || isAt("[") || token.kind == .ellipsis else {
      return .type(notes.annotatedType(type))
    }
    let name = isAtName ? try self.name("the name of the tensor") : ""
    _ = try accept("=")
    if case .sparseTensor(let type) = type { return .sparseTensor(try sparseTensor(type, name, notes)) }
    return .tensor(NamedTensor(try tensorData(type), name: name, annotations: notes.annotations))
  }

  /// `{float[2] {1.0, 2.0}, int64[2] {0, 5}}`: the values, then where they stand.
  mutating func sparseTensor(_ type: TensorType, _ name: String, _ notes: Notes) throws -> SparseTensor {
    guard let dimensions = type.shape?.fixedSizes else {
      throw failure("give \(type) fixed sizes, since it has values")
    }
    try expect("{", "before the values of a sparse tensor")
    var values = try namedTensor()
    try expect(",", "between values and indices")
    let indices = try namedTensor()
    try expect("}", "after the sparse tensor")
    if !name.isEmpty { values.name = name }
    return SparseTensor(
      values: values, indices: indices, dimensions: dimensions, unknownFields: notes.annotations.unknownFields
    )
  }

  private mutating func namedTensor() throws -> NamedTensor {
    let notes = try takeNotes()
    let type = try type()
    let name = isAtName ? try self.name("the name of the tensor") : ""
    _ = try accept("=")
    return NamedTensor(try tensorData(type), name: name, annotations: notes.annotations)
  }
}

extension AttributeValueOf {
  /// The list of `values`; nil where they are not of one kind, or none tells which. Whole numbers among others
  /// count as floats.
  fileprivate init?(listing values: [AttributeValueOf], kind: AttributeKind) {
    func all<Element>(_ pick: (AttributeValueOf) -> Element?) -> [Element]? {
      let picked = values.compactMap(pick)
      return picked.count == values.count ? picked : nil
    }
    switch kind == .undefined ? values.first?.kind : kind.elementKind {
    case .int, .float:
      if kind != .floats, let ints = all({ if case .int(let value) = $0 { value } else { nil } }) {
        self = .ints(ints)
      } else if kind != .ints, let floats = all(\.number) {
        self = .floats(floats)
      } else {
        return nil
      }
    case .string:
      guard let list = all({ if case .string(let value) = $0 { value } else { nil } }) else { return nil }
      self = .strings(list)
    case .tensor:
      guard let list = all({ if case .tensor(let value) = $0 { value } else { nil } }) else { return nil }
      self = .tensors(list)
    case .graph:
      guard let list = all({ if case .graph(let value) = $0 { value } else { nil } }) else { return nil }
      self = .graphs(list)
    case .sparseTensor:
      guard let list = all({ if case .sparseTensor(let value) = $0 { value } else { nil } }) else {
        return nil
      }
      self = .sparseTensors(list)
    case .type:
      guard let list = all({ if case .type(let value) = $0 { value } else { nil } }) else { return nil }
      self = .types(list)
    default: return nil
    }
  }

  private var number: Float? {
    switch self {
    case .float(let value): value
    case .int(let value): Float(value)
    default: nil
    }
  }
}
