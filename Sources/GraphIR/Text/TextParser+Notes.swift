import TensorCore

/// What the standard syntax has no place for: it stands in comments that start with `#@`, before the element
/// that it concerns, so that other readers pass over it. `Docs/TextSyntax.md` lists the keys.
struct Notes: Equatable {
  var annotations = Annotations()
  /// A text of several lines is several notes.
  var documentationLines: [String] = []
  var denotation = ""
  var dimensionDenotations: [String] = []
  var trainingInfo: [[UInt8]] = []
  var deviceConfigurations: [[UInt8]] = []
  var quantizationAnnotations: [[UInt8]] = []

  func annotatedType(_ type: ValueType) -> AnnotatedType {
    AnnotatedType(type, denotation: denotation, dimensionDenotations: dimensionDenotations)
  }
}

extension TextParser {
  /// The notes before the next token.
  ///
  /// - Parameter isHeader: false where a model has no header, so that the notes are its graph's.
  func takeNotes(isHeader: Bool = true) throws -> Notes {
    var notes = Notes()
    guard isHeader, let range = token.notes else { return notes }
    var start = range.lowerBound
    while start < range.upperBound {
      let rest = lexer.text[start..<range.upperBound]
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? range.upperBound
      if let sign = rest[..<end].firstIndex(of: UInt8(ascii: "#")),
        lexer.byte(at: sign + 1) == UInt8(ascii: "@")
      {
        var parser = try TextParser(lexer.text, range: sign + 2..<end, file: file)
        try parser.note(into: &notes)
      }
      start = end + 1
    }
    return notes
  }

  /// `key: value`, the whole of the text.
  private mutating func note(into notes: inout Notes) throws {
    let start = token.range.lowerBound
    let key = try identifier("the key of a note")
    try expect(":", "after \(key)")
    switch key {
    case "documentation":
      notes.documentationLines.append(try text("the documentation"))
      notes.annotations.documentation = notes.documentationLines.joined(separator: "\n")
    case "metadata":
      try expect("[", "before the metadata")
      notes.annotations.metadata += try metadataEntries()
    case "unknown_fields": notes.annotations.unknownFields += try string("the bytes").bytes
    case "denotation": notes.denotation = try text("the denotation")
    case "dimension_denotations":
      notes.dimensionDenotations += try strings("a denotation").map { String(decoding: $0, as: UTF8.self) }
    case "training_info": notes.trainingInfo += try strings("the bytes")
    case "device_configurations": notes.deviceConfigurations += try strings("the bytes")
    case "quantization_annotations": notes.quantizationAnnotations += try strings("the bytes")
    default: throw SyntaxError("'\(key)' is no key of a note", at: start)
    }
    try expectEnd()
  }

  private mutating func strings(_ what: String) throws -> [[UInt8]] {
    var strings: [[UInt8]] = []
    try expect("[", "before the list")
    try list(until: "]", "after the list") { strings.append(try $0.string(what).bytes) }
    return strings
  }
}
