import TensorCore

/// Name and type of an input or output, as a session or a graph declares it.
public struct ValueSignature: Hashable, Sendable {
  public var name: String
  public var kind: Kind

  public enum Kind: Hashable, Sendable {
    case tensor(TensorType)
    case other(String)
  }

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  public init(_ name: String, _ elementType: ElementType, _ shape: Shape?) {
    self.init(name, .tensor(TensorType(elementType, shape)))
  }

  public init(_ name: String, _ type: ValueType?) {
    switch type {
    case .tensor(let type): self.init(name, .tensor(type))
    case let type?: self.init(name, .other("\(type)"))
    case nil: self.init(name, .other("unknown"))
    }
  }

  public var tensorType: TensorType? {
    if case .tensor(let type) = kind { type } else { nil }
  }

  public var elementType: ElementType? { tensorType?.elementType }

  public var shape: Shape? { tensorType?.shape }
}

extension ValueSignature: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .tensor(let type): "\(type) \(name)"
    case .other(let type): "\(type) \(name)"
    }
  }
}

extension ElementType: Codable {}

extension ValueSignature: Codable {
  private enum CodingKeys: CodingKey {
    case name, elementType, dimensions, other
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    if let other = try container.decodeIfPresent(String.self, forKey: .other) {
      kind = .other(other)
    } else {
      let dimensions = try container.decodeIfPresent([String].self, forKey: .dimensions)
      kind = .tensor(
        TensorType(
          try container.decode(ElementType.self, forKey: .elementType),
          dimensions.map { Shape($0.map(Self.dimension)) }))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    switch kind {
    case .tensor(let type):
      try container.encode(type.elementType, forKey: .elementType)
      try container.encodeIfPresent(type.shape?.dimensions.map(\.description), forKey: .dimensions)
    case .other(let other): try container.encode(other, forKey: .other)
    }
  }

  /// The inverse of `Dimension.description`; an expression over symbols becomes one symbol.
  private static func dimension(_ text: String) -> Dimension {
    if text == "?" { return .unknown }
    return Int(text).map(Dimension.fixed) ?? .symbol(text)
  }
}
