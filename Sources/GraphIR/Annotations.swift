import TensorCore

/// What models, graphs, nodes, values and tensors carry besides their meaning. It survives a round trip.
public struct Annotations: Hashable, Sendable {
  public var documentation: String
  public var metadata: [MetadataEntry]
  /// Fields that the decoder does not know, each with its tag, as they stood in the file.
  public var unknownFields: [UInt8]

  public init(documentation: String = "", metadata: [MetadataEntry] = [], unknownFields: [UInt8] = []) {
    self.documentation = documentation
    self.metadata = metadata
    self.unknownFields = unknownFields
  }

  public var isEmpty: Bool { documentation.isEmpty && metadata.isEmpty && unknownFields.isEmpty }
}

public struct MetadataEntry: Hashable, Sendable {
  public var key: String
  public var value: String
  public var unknownFields: [UInt8]

  public init(key: String, value: String, unknownFields: [UInt8] = []) {
    self.key = key
    self.value = value
    self.unknownFields = unknownFields
  }
}

/// A type with what the format lets people say about it; `dimensions` is parallel to the shape, or empty.
public struct AnnotatedType: Hashable, Sendable {
  public var type: ValueType
  public var denotation: String
  public var dimensionDenotations: [String]
  /// The `TypeProto` as it stood in the file, where it says more than the other properties (denotations of
  /// inner types, unknown fields); otherwise empty. It counts for as long as it describes `type`.
  public var original: [UInt8] = []

  public init(_ type: ValueType, denotation: String = "", dimensionDenotations: [String] = []) {
    self.type = type
    self.denotation = denotation
    self.dimensionDenotations = dimensionDenotations
  }
}

/// A tensor as a file holds it: with a name, which may be empty.
public struct NamedTensor: Sendable {
  public var name: String
  public var tensor: Tensor
  public var annotations: Annotations
  /// What the file says of external data besides its place, such as the checksum of the data file. It counts for
  /// as long as the tensor stays in that file.
  public var externalNotes: [MetadataEntry] = []

  public init(_ tensor: Tensor, name: String = "", annotations: Annotations = Annotations()) {
    self.name = name
    self.tensor = tensor
    self.annotations = annotations
  }
}

/// A tensor given by its non-zero elements (`SparseTensorProto`): `indices` is [count] into the flattened
/// tensor, or [count, rank].
public struct SparseTensor: Sendable {
  public var values: NamedTensor
  public var indices: NamedTensor
  public var dimensions: [Int]
  public var unknownFields: [UInt8]

  public init(values: NamedTensor, indices: NamedTensor, dimensions: [Int], unknownFields: [UInt8] = []) {
    self.values = values
    self.indices = indices
    self.dimensions = dimensions
    self.unknownFields = unknownFields
  }
}
