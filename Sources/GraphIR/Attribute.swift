import TensorCore

/// A named constant parameter of a node. `Body` is how bodies of control flow are held: by name-based text
/// (`NamedGraph`) or by handle (`GraphID`).
public struct AttributeOf<Body: Sendable>: Sendable {
  public var name: String
  public var value: AttributeValueOf<Body>
  public var annotations: Annotations

  public init(_ name: String, _ value: AttributeValueOf<Body>, annotations: Annotations = Annotations()) {
    self.name = name
    self.value = value
    self.annotations = annotations
  }
}

public indirect enum AttributeValueOf<Body: Sendable>: Sendable {
  case float(Float)
  case int(Int64)
  case string(ByteString)
  case tensor(NamedTensor)
  case graph(Body)
  case sparseTensor(SparseTensor)
  case type(AnnotatedType)
  case floats([Float])
  case ints([Int64])
  case strings([ByteString])
  case tensors([NamedTensor])
  case graphs([Body])
  case sparseTensors([SparseTensor])
  case types([AnnotatedType])
  /// Inside a function: the value of the function's attribute `name`.
  case reference(name: String, kind: AttributeKind)
}

/// Raw values are those of `AttributeProto.AttributeType`.
public enum AttributeKind: Int32, Hashable, Sendable {
  case undefined = 0
  case float = 1
  case int = 2
  case string = 3
  case tensor = 4
  case graph = 5
  case floats = 6
  case ints = 7
  case strings = 8
  case tensors = 9
  case graphs = 10
  case sparseTensor = 11
  case sparseTensors = 12
  case type = 13
  case types = 14
}

extension AttributeValueOf {
  public var kind: AttributeKind {
    switch self {
    case .float: .float
    case .int: .int
    case .string: .string
    case .tensor: .tensor
    case .graph: .graph
    case .sparseTensor: .sparseTensor
    case .type: .type
    case .floats: .floats
    case .ints: .ints
    case .strings: .strings
    case .tensors: .tensors
    case .graphs: .graphs
    case .sparseTensors: .sparseTensors
    case .types: .types
    case .reference(_, let kind): kind
    }
  }

  public var int: Int? { if case .int(let value) = self { Int(value) } else { nil } }
  public var ints: [Int]? { if case .ints(let values) = self { values.map(Int.init) } else { nil } }
  public var float: Float? { if case .float(let value) = self { value } else { nil } }
  public var floats: [Float]? { if case .floats(let values) = self { values } else { nil } }
  public var string: String? { if case .string(let value) = self { value.text } else { nil } }
  public var tensor: Tensor? { if case .tensor(let value) = self { value.tensor } else { nil } }

  /// The bodies that the attribute holds: none, one, or several.
  public var bodies: [Body] {
    switch self {
    case .graph(let body): [body]
    case .graphs(let bodies): bodies
    default: []
    }
  }

  /// The same value with each body replaced.
  public func mapBodies<Other: Sendable>(
    _ transform: (Body) throws -> Other
  ) rethrows -> AttributeValueOf<Other> {
    switch self {
    case .graph(let body): .graph(try transform(body))
    case .graphs(let bodies): .graphs(try bodies.map(transform))
    case .float(let value): .float(value)
    case .int(let value): .int(value)
    case .string(let value): .string(value)
    case .tensor(let value): .tensor(value)
    case .sparseTensor(let value): .sparseTensor(value)
    case .type(let value): .type(value)
    case .floats(let values): .floats(values)
    case .ints(let values): .ints(values)
    case .strings(let values): .strings(values)
    case .tensors(let values): .tensors(values)
    case .sparseTensors(let values): .sparseTensors(values)
    case .types(let values): .types(values)
    case .reference(let name, let kind): .reference(name: name, kind: kind)
    }
  }
}

extension AttributeOf {
  public func mapBodies<Other: Sendable>(_ transform: (Body) throws -> Other) rethrows -> AttributeOf<Other> {
    AttributeOf<Other>(name, try value.mapBodies(transform), annotations: annotations)
  }
}
