import GraphIR
import TensorCore

/// What a `TypeProto` says beyond its `ValueType`.
private struct TypeNotes {
  var denotation = ""
  var dimensionDenotations: [String] = []
  /// Something was found that `AnnotatedType` has no property for.
  var isIncomplete = false
}

extension ModelDecoder {
  /// Nil where the message leaves the type open, as those of control-flow bodies may.
  mutating func type(_ message: WireReader) throws -> AnnotatedType? {
    var notes = TypeNotes()
    guard let type = try valueType(message, &notes) else { return nil }
    var result = AnnotatedType(
      type, denotation: notes.denotation, dimensionDenotations: notes.dimensionDenotations)
    if notes.isIncomplete { result.original = [UInt8](message.source[message.range]) }
    return result
  }

  private mutating func valueType(_ message: WireReader, _ notes: inout TypeNotes) throws -> ValueType? {
    var reader = message
    var type: ValueType?
    while let field = try reader.nextField() {
      let number = TypeField(rawValue: field.number)
      if number != .denotation, type != nil { notes.isIncomplete = true }
      switch number {
      case .tensor: type = try tensorType(reader.message(field), &notes).map(ValueType.tensor)
      case .sparseTensor: type = try tensorType(reader.message(field), &notes).map(ValueType.sparseTensor)
      case .sequence: type = try elementType(reader.message(field), &notes).map(ValueType.sequence)
      case .optional: type = try elementType(reader.message(field), &notes).map(ValueType.optional)
      case .map: type = try mapType(reader.message(field), &notes)
      case .opaque: type = try opaqueType(reader.message(field), &notes)
      case .denotation: notes.denotation = try reader.string(field)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    return type
  }

  /// The type inside a sequence, an optional or a map: its denotations have no slot of their own.
  private mutating func innerType(_ message: WireReader, _ notes: inout TypeNotes) throws -> ValueType? {
    var inner = TypeNotes()
    let type = try valueType(message, &inner)
    if !inner.denotation.isEmpty || !inner.dimensionDenotations.isEmpty || inner.isIncomplete {
      notes.isIncomplete = true
    }
    return type
  }

  private mutating func elementType(_ message: WireReader, _ notes: inout TypeNotes) throws -> ValueType? {
    var reader = message
    var type: ValueType?
    while let field = try reader.nextField() {
      switch ElementTypeField(rawValue: field.number) {
      case .elementType: type = try innerType(reader.message(field), &notes)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    return type
  }

  private mutating func mapType(_ message: WireReader, _ notes: inout TypeNotes) throws -> ValueType? {
    var reader = message
    var key: ElementType?
    var value: ValueType?
    while let field = try reader.nextField() {
      switch MapTypeField(rawValue: field.number) {
      case .keyType: key = try elementType(numbered: reader.int(field))
      case .valueType: value = try innerType(reader.message(field), &notes)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    guard let key, let value else { return nil }
    return .map(key: key, value: value)
  }

  private func opaqueType(_ message: WireReader, _ notes: inout TypeNotes) throws -> ValueType {
    var reader = message
    var domain = ""
    var name = ""
    while let field = try reader.nextField() {
      switch OpaqueTypeField(rawValue: field.number) {
      case .domain: domain = try reader.string(field)
      case .name: name = try reader.string(field)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    return .opaque(domain: domain, name: name)
  }

  private mutating func tensorType(_ message: WireReader, _ notes: inout TypeNotes) throws -> TensorType? {
    var reader = message
    var elementType: ElementType?
    var shape: Shape?
    while let field = try reader.nextField() {
      switch TensorTypeField(rawValue: field.number) {
      case .elementType: elementType = try self.elementType(numbered: reader.int(field))
      case .shape: shape = try self.shape(reader.message(field), &notes)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    return elementType.map { TensorType($0, shape) }
  }

  /// Nil for 0, which stands for "undefined".
  func elementType(numbered number: Int) throws -> ElementType? {
    if number == 0 { return nil }
    guard let number = Int32(exactly: number), let type = ElementType(rawValue: number) else {
      throw DecodingFailure(
        "unknown element type \(number)", hint: "a newer version of the format may have it")
    }
    return type
  }
}

extension ModelDecoder {
  private mutating func shape(_ message: WireReader, _ notes: inout TypeNotes) throws -> Shape {
    var reader = message
    var sizes: [Dimension] = []
    var denotations: [String] = []
    while let field = try reader.nextField() {
      switch ShapeField(rawValue: field.number) {
      case .dimension:
        var denotation = ""
        sizes.append(try dimension(reader.message(field), &denotation, &notes))
        denotations.append(denotation)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    if denotations.contains(where: { !$0.isEmpty }) { notes.dimensionDenotations = denotations }
    return Shape(sizes)
  }

  private mutating func dimension(
    _ message: WireReader, _ denotation: inout String, _ notes: inout TypeNotes
  ) throws -> Dimension {
    var reader = message
    var dimension = Dimension.unknown
    while let field = try reader.nextField() {
      switch DimensionField(rawValue: field.number) {
      case .value:
        let size = try reader.int(field)
        dimension = size < 0 ? .unknown : .fixed(size)
      case .parameter: dimension = self.dimension(named: try reader.string(field))
      case .denotation: denotation = try reader.string(field)
      case nil:
        try reader.skip(field)
        notes.isIncomplete = true
      }
    }
    return dimension
  }

  /// Text that the expression's printer gives back, blanks aside, is an expression; other text is a symbol.
  private mutating func dimension(named text: String) -> Dimension {
    if let known = dimensions[text] { return known }
    let dimension: Dimension
    if text.isEmpty {
      dimension = .unknown
    } else if let expression = DimensionExpression(parsing: text), expression.constant == nil,
      expression.description == text.filter({ $0 != " " })
    {
      dimension = .symbolic(expression)
    } else {
      dimension = .symbol(text)
    }
    dimensions[text] = dimension
    return dimension
  }
}
