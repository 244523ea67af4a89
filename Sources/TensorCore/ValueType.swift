/// Element type and shape of a tensor; a nil shape means that not even the rank is known.
public struct TensorType: Hashable, Sendable {
  public var elementType: ElementType
  public var shape: Shape?
  /// How stored integers stand for real numbers, in formats that keep this with the type (TFLite).
  public var quantization: Quantization?

  public init(_ elementType: ElementType, _ shape: Shape?, quantization: Quantization? = nil) {
    self.elementType = elementType
    self.shape = shape
    self.quantization = quantization
  }
}

/// real = scale · (stored − zeroPoint), per tensor, or per slice along `axis`.
public struct Quantization: Hashable, Sendable {
  public var scale: [Double]
  public var zeroPoint: [Int]
  public var axis: Int?

  public init(scale: [Double], zeroPoint: [Int], axis: Int? = nil) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.axis = axis
  }
}

/// The type of a value in a graph.
public indirect enum ValueType: Hashable, Sendable {
  case tensor(TensorType)
  case sparseTensor(TensorType)
  case sequence(ValueType)
  case optional(ValueType)
  case map(key: ElementType, value: ValueType)
  case opaque(domain: String, name: String)

  public static func tensor(_ elementType: ElementType, _ shape: Shape?) -> ValueType {
    .tensor(TensorType(elementType, shape))
  }

  public var tensorType: TensorType? {
    if case .tensor(let type) = self { type } else { nil }
  }

  public var shape: Shape? { tensorType?.shape }

  public var elementType: ElementType? { tensorType?.elementType }

  /// Whether no value can have both types.
  public func contradicts(_ other: ValueType) -> Bool {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)), (.sparseTensor(let a), .sparseTensor(let b)):
      guard a.elementType == b.elementType else { return true }
      guard let a = a.shape, let b = b.shape else { return false }
      return a.contradicts(b)
    case (.sequence(let a), .sequence(let b)), (.optional(let a), .optional(let b)):
      return a.contradicts(b)
    case (.map(let keyA, let a), .map(let keyB, let b)):
      return keyA != keyB || a.contradicts(b)
    default:
      return self != other
    }
  }

  /// Of two descriptions of the same type, the more precise parts of each.
  public func refined(by other: ValueType) -> ValueType {
    switch (self, other) {
    case (.tensor(var a), .tensor(let b)) where a.elementType == b.elementType:
      a.shape = a.shape.map { mine in b.shape.map(mine.refined) ?? mine } ?? b.shape
      a.quantization = a.quantization ?? b.quantization
      return .tensor(a)
    case (.sequence(let a), .sequence(let b)): return .sequence(a.refined(by: b))
    case (.optional(let a), .optional(let b)): return .optional(a.refined(by: b))
    default: return self
    }
  }
}

extension TensorType: CustomStringConvertible {
  /// As in ONNX's textual syntax: `float[N,3]`; `float[]` where the rank is unknown.
  public var description: String {
    switch shape {
    case nil: "\(elementType)[]"
    case let shape? where shape.rank == 0: "\(elementType)"
    case let shape?: "\(elementType)\(shape)"
    }
  }
}

extension ValueType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tensor(let type): "\(type)"
    case .sparseTensor(let type): "sparse_tensor(\(type))"
    case .sequence(let element): "seq(\(element))"
    case .optional(let element): "optional(\(element))"
    case .map(let key, let value): "map(\(key),\(value))"
    case .opaque(let domain, let name): "opaque(\(domain),\(name))"
    }
  }
}
