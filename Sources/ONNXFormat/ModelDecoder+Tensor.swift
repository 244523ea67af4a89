import GraphIR
import TensorCore

extension ModelDecoder {
  mutating func initializer(_ message: WireReader, index: Int) throws -> NamedTensor {
    try tensor(message, unnamed: "initializer \(index)")
  }

  /// `unnamed` names the tensor in errors if it has no name of its own.
  mutating func tensor(
    _ message: WireReader, unnamed: @autoclosure () -> String = "tensor"
  ) throws -> NamedTensor {
    var reader = message
    var parts = TensorParts()
    do {
      while let field = try reader.nextField() { try decode(field, &reader, into: &parts) }
      let tensor = try tensor(parts, message.source)
      var named = NamedTensor(tensor, name: parts.name, annotations: parts.annotations)
      named.externalNotes = ExternalData.notes(in: parts.externalData)
      return named
    } catch {
      throw DecodingFailure.wrapping(error, in: parts.name.isEmpty ? unnamed() : "tensor \(parts.name)")
    }
  }

  private func decode(
    _ field: WireField, _ reader: inout WireReader, into parts: inout TensorParts
  ) throws {
    let number = TensorField(rawValue: field.number)
    switch number {
    case .dimensions: try reader.append(field, to: &parts.dimensions)
    case .elementType: parts.elementType = try reader.int(field)
    case .segment: throw DecodingFailure("tensors in segments are not supported", at: field.start)
    case .floatData: parts.numbers.append((.floatData, try reader.range(ofPackable: field, .fixed32)))
    case .doubleData: parts.numbers.append((.doubleData, try reader.range(ofPackable: field, .fixed64)))
    case .int32Data, .int64Data, .uint64Data:
      if let number { parts.numbers.append((number, try reader.range(ofPackable: field, .varint))) }
    case .stringData: parts.strings.append(ByteString(bytes: try reader.bytes(field)))
    case .name: parts.name = try reader.string(field)
    case .rawData: parts.rawData = try reader.range(of: field)
    case .documentation: try document(&parts.annotations, &reader, field)
    case .externalData: parts.externalData.append(try metadataEntry(reader.message(field)))
    case .dataLocation: parts.dataLocation = try reader.int(field)
    case .metadata: parts.annotations.metadata.append(try metadataEntry(reader.message(field)))
    case nil: try reader.keep(field, in: &parts.annotations.unknownFields)
    }
  }

  private mutating func tensor(_ parts: TensorParts, _ bytes: UnsafeRawBufferPointer) throws -> Tensor {
    guard let type = try elementType(numbered: parts.elementType) else {
      throw DecodingFailure("no element type")
    }
    let dimensions = parts.dimensions.map { Int(truncatingIfNeeded: $0) }
    let count = try Tensor.elementCount(of: dimensions)
    return try Tensor(type, dimensions, storage: storage(of: parts, type, count: count, bytes))
  }

  private mutating func storage(
    of parts: TensorParts, _ type: ElementType, count: Int, _ bytes: UnsafeRawBufferPointer
  ) throws -> TensorStorage {
    guard parts.dataLocation == 0 || parts.dataLocation == DataLocation.external else {
      throw DecodingFailure("unknown data location \(parts.dataLocation)")
    }
    if type == .string {
      guard parts.dataLocation == 0, parts.rawData == nil, parts.numbers.isEmpty else {
        throw DecodingFailure("strings stand in string_data only")
      }
      return TensorStorage(strings: parts.strings)
    }
    guard let byteCount = type.byteCount(ofElements: count) else {
      throw DecodingFailure("\(type)\(parts.dimensions) is too large")
    }
    if parts.dataLocation == DataLocation.external {
      return try externalData.storage(parts.externalData, byteCount: byteCount)
    }
    if parts.numbers.isEmpty {
      guard parts.rawData != nil || count == 0 else { throw DecodingFailure("no data") }
      return try storage(parts.rawData ?? 0..<0, bytes)
    }
    let numbers = try NumberFields(parts.numbers, of: type, count: count)
    if let range = numbers.contiguousRange { return try storage(range, bytes) }
    return try numbers.gathered(from: bytes, byteCount: byteCount)
  }

  private func storage(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws -> TensorStorage {
    switch source {
    case .file(let file):
      guard let storage = TensorStorage(file, range: range) else { throw DecodingFailure("no data") }
      return storage
    case .memory:
      return TensorStorage(byteCount: range.count) {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  mutating func sparseInitializer(_ message: WireReader, index: Int) throws -> SparseTensor {
    do {
      return try sparseTensor(message)
    } catch {
      throw DecodingFailure.wrapping(error, in: "sparse initializer \(index)")
    }
  }

  mutating func sparseTensor(_ message: WireReader) throws -> SparseTensor {
    var reader = message
    var values: NamedTensor?
    var indices: NamedTensor?
    var dimensions: [Int64] = []
    var unknownFields: [UInt8] = []
    while let field = try reader.nextField() {
      switch SparseTensorField(rawValue: field.number) {
      case .values: values = try tensor(reader.message(field), unnamed: "values")
      case .indices: indices = try tensor(reader.message(field), unnamed: "indices")
      case .dimensions: try reader.append(field, to: &dimensions)
      case nil: try reader.keep(field, in: &unknownFields)
      }
    }
    guard let values, let indices else { throw DecodingFailure("a sparse tensor without values or indices") }
    return SparseTensor(
      values: values, indices: indices, dimensions: dimensions.map { Int(truncatingIfNeeded: $0) },
      unknownFields: unknownFields)
  }
}

/// The fields of a tensor as they come in.
private struct TensorParts {
  var name = ""
  var elementType = 0
  var dimensions: [Int64] = []
  var rawData: Range<Int>?
  var numbers: [NumberFields.Piece] = []
  var strings: [ByteString] = []
  var externalData: [MetadataEntry] = []
  var dataLocation = 0
  var annotations = Annotations()
}
