extension AttributeKind {
  /// The name in ONNX's textual syntax, such as `ints`.
  public var name: String {
    switch self {
    case .undefined: "undefined"
    case .float: "float"
    case .int: "int"
    case .string: "string"
    case .tensor: "tensor"
    case .graph: "graph"
    case .floats: "floats"
    case .ints: "ints"
    case .strings: "strings"
    case .tensors: "tensors"
    case .graphs: "graphs"
    case .sparseTensor: "sparse_tensor"
    case .sparseTensors: "sparse_tensors"
    case .type: "type_proto"
    case .types: "type_protos"
    }
  }

  /// The kind that ONNX's textual syntax calls `name`.
  public init?(named name: String) {
    guard
      let kind = (1...14).lazy.compactMap({ AttributeKind(rawValue: $0) }).first(where: { $0.name == name })
    else { return nil }
    self = kind
  }

  /// For a list its elements' kind, for any other kind nil.
  public var elementKind: AttributeKind? {
    switch self {
    case .floats: .float
    case .ints: .int
    case .strings: .string
    case .tensors: .tensor
    case .graphs: .graph
    case .sparseTensors: .sparseTensor
    case .types: .type
    default: nil
    }
  }
}
