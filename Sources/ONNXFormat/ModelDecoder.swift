import GraphIR
import TensorCore

/// Builds a `NamedModel` from the messages of an ONNX file.
///
/// Every message has a method that reads it field by field. Unknown fields are kept as they are; known ones of
/// another encoding than the schema's are errors. Errors gain their place in the model on the way out.
struct ModelDecoder {
  /// What the messages are read from: it decides whether tensors refer to their bytes or copy them.
  enum Source {
    case file(MappedFile)
    case memory
  }

  let source: Source
  var externalData: ExternalData
  /// A model repeats a handful of symbolic sizes very often.
  var dimensions: [String: Dimension] = [:]

  init(_ source: Source, folder: String?, verifiesChecksums: Bool = false) {
    self.source = source
    externalData = ExternalData(folder: folder, verifiesChecksums: verifiesChecksums)
  }

  mutating func model(_ message: WireReader) throws -> NamedModel {
    var reader = message
    var header = ModelHeader(irVersion: 0, opsetImports: [])
    var graph: NamedGraph?
    var functions: [NamedFunction] = []
    while let field = try reader.nextField() {
      switch ModelField(rawValue: field.number) {
      case .irVersion: header.irVersion = try reader.int(field)
      case .producerName: header.producerName = try reader.string(field)
      case .producerVersion: header.producerVersion = try reader.string(field)
      case .domain: header.domain = try reader.string(field)
      case .modelVersion: header.modelVersion = try reader.int64(field)
      case .documentation: try document(&header.annotations, &reader, field)
      case .graph:
        guard graph == nil else { throw DecodingFailure("a second main graph", at: field.start) }
        graph = try self.graph(reader.message(field))
      case .opsetImport: header.opsetImports.append(try opsetImport(reader.message(field)))
      case .metadata: header.annotations.metadata.append(try metadataEntry(reader.message(field)))
      case .trainingInfo: header.trainingInfo.append(try reader.bytes(field))
      case .function: functions.append(try function(reader.message(field)))
      case .configuration: header.deviceConfigurations.append(try reader.bytes(field))
      case nil: try reader.keep(field, in: &header.annotations.unknownFields)
      }
    }
    guard let graph else { throw DecodingFailure("no graph in it") }
    return NamedModel(header: header, graph: graph, functions: functions)
  }

  func opsetImport(_ message: WireReader) throws -> OpsetImport {
    var reader = message
    var domain = ""
    var version = 0
    var unknownFields: [UInt8] = []
    while let field = try reader.nextField() {
      switch OpsetField(rawValue: field.number) {
      case .domain: domain = try reader.string(field)
      case .version: version = try reader.int(field)
      case nil: try reader.keep(field, in: &unknownFields)
      }
    }
    return OpsetImport(domain: domain, version: version, unknownFields: unknownFields)
  }

  func metadataEntry(_ message: WireReader) throws -> MetadataEntry {
    var reader = message
    var entry = MetadataEntry(key: "", value: "")
    while let field = try reader.nextField() {
      switch MetadataField(rawValue: field.number) {
      case .key: entry.key = try reader.string(field)
      case .value: entry.value = try reader.string(field)
      case nil: try reader.keep(field, in: &entry.unknownFields)
      }
    }
    return entry
  }

  /// Documentation in another encoding than UTF-8 is kept as a field that nobody understands.
  func document(_ annotations: inout Annotations, _ reader: inout WireReader, _ field: WireField) throws {
    var ahead = reader
    if let text = try? ahead.string(field) {
      annotations.documentation = text
      reader = ahead
    } else {
      try reader.keep(field, in: &annotations.unknownFields)
    }
  }
}
