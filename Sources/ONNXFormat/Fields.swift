/// The field numbers of one message of onnx-ml.proto (IR version 14), in ascending order.
protocol FieldNumber: RawRepresentable, Sendable where RawValue == Int {}

enum ModelField: Int, FieldNumber {
  case irVersion = 1
  case producerName = 2
  case producerVersion = 3
  case domain = 4
  case modelVersion = 5
  case documentation = 6
  case graph = 7
  case opsetImport = 8
  case metadata = 14
  case trainingInfo = 20
  case function = 25
  case configuration = 26
}

enum OpsetField: Int, FieldNumber {
  case domain = 1
  case version = 2
}

enum MetadataField: Int, FieldNumber {
  case key = 1
  case value = 2
}

enum FunctionField: Int, FieldNumber {
  case name = 1
  case input = 4
  case output = 5
  case attribute = 6
  case node = 7
  case documentation = 8
  case opsetImport = 9
  case domain = 10
  case attributeDefault = 11
  case valueInfo = 12
  case overload = 13
  case metadata = 14
}

enum GraphField: Int, FieldNumber {
  case node = 1
  case name = 2
  case initializer = 5
  case documentation = 10
  case input = 11
  case output = 12
  case valueInfo = 13
  case quantizationAnnotation = 14
  case sparseInitializer = 15
  case metadata = 16
}

enum ValueField: Int, FieldNumber {
  case name = 1
  case type = 2
  case documentation = 3
  case metadata = 4
}

enum NodeField: Int, FieldNumber {
  case input = 1
  case output = 2
  case name = 3
  case operatorType = 4
  case attribute = 5
  case documentation = 6
  case domain = 7
  case overload = 8
  case metadata = 9
  case deviceConfiguration = 10
}

enum AttributeField: Int, FieldNumber {
  case name = 1
  case float = 2
  case int = 3
  case string = 4
  case tensor = 5
  case graph = 6
  case floats = 7
  case ints = 8
  case strings = 9
  case tensors = 10
  case graphs = 11
  case documentation = 13
  case typeProto = 14
  case typeProtos = 15
  case kind = 20
  case reference = 21
  case sparseTensor = 22
  case sparseTensors = 23
}

enum TensorField: Int, FieldNumber {
  case dimensions = 1
  case elementType = 2
  case segment = 3
  case floatData = 4
  case int32Data = 5
  case stringData = 6
  case int64Data = 7
  case name = 8
  case rawData = 9
  case doubleData = 10
  case uint64Data = 11
  case documentation = 12
  case externalData = 13
  case dataLocation = 14
  case metadata = 16
}

enum SparseTensorField: Int, FieldNumber {
  case values = 1
  case indices = 2
  case dimensions = 3
}

enum TypeField: Int, FieldNumber {
  case tensor = 1
  case sequence = 4
  case map = 5
  case denotation = 6
  case opaque = 7
  case sparseTensor = 8
  case optional = 9
}

/// `TypeProto.Tensor` and `TypeProto.SparseTensor`.
enum TensorTypeField: Int, FieldNumber {
  case elementType = 1
  case shape = 2
}

enum ShapeField: Int, FieldNumber {
  case dimension = 1
}

enum DimensionField: Int, FieldNumber {
  case value = 1
  case parameter = 2
  case denotation = 3
}

/// `TypeProto.Sequence` and `TypeProto.Optional`.
enum ElementTypeField: Int, FieldNumber {
  case elementType = 1
}

enum MapTypeField: Int, FieldNumber {
  case keyType = 1
  case valueType = 2
}

enum OpaqueTypeField: Int, FieldNumber {
  case domain = 1
  case name = 2
}

/// `TensorProto.DataLocation`.
enum DataLocation {
  static let external = 1
}
