import GraphIR
import TensorCore

extension ModelEncoder {
  /// Numbers go to `raw_data` or to `location`, whichever field they came from.
  mutating func encode(_ named: NamedTensor, at location: ExternalLocation?) {
    let tensor = named.tensor
    encode(dimensions: tensor.dimensions, TensorField.dimensions)
    writer.int(TensorField.elementType, Int64(tensor.elementType.rawValue))
    for string in tensor.storage.strings ?? [] { writer.bytes(TensorField.stringData, string.bytes) }
    writer.string(TensorField.name, unlessEmpty: named.name)
    if location == nil, tensor.elementType != .string { writer.data(TensorField.rawData, tensor.storage) }
    writer.string(TensorField.documentation, unlessEmpty: named.annotations.documentation)
    if let location {
      encode(location.entries, TensorField.externalData)
      if location.isOriginal { encode(named.externalNotes, TensorField.externalData) }
      writer.int(TensorField.dataLocation, Int64(DataLocation.external))
    }
    encode(named.annotations.metadata, TensorField.metadata)
    writer.raw(named.annotations.unknownFields)
  }

  mutating func encode(_ tensor: SparseTensor) {
    message(SparseTensorField.values) { $0.encode(tensor.values, at: nil) }
    message(SparseTensorField.indices) { $0.encode(tensor.indices, at: nil) }
    encode(dimensions: tensor.dimensions, SparseTensorField.dimensions)
    writer.raw(tensor.unknownFields)
  }

  private mutating func encode(dimensions: [Int], _ field: some FieldNumber) {
    for size in dimensions { writer.int(field, Int64(size)) }
  }
}

extension ExternalLocation {
  fileprivate var entries: [MetadataEntry] {
    [
      MetadataEntry(key: "location", value: path),
      MetadataEntry(key: "offset", value: "\(offset)"),
      MetadataEntry(key: "length", value: "\(byteCount)"),
    ]
  }
}
