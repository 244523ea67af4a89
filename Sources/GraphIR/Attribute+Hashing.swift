import TensorCore

extension AttributeValueOf where Body == GraphID {
  /// Equal for identical values. Of large tensors a sample is hashed.
  public func hashIdentity(into hasher: inout Hasher) {
    hasher.combine(kind)
    switch self {
    case .float(let value): hasher.combine(value.bitPattern)
    case .int(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .floats(let values): for value in values { hasher.combine(value.bitPattern) }
    case .ints(let values): hasher.combine(values)
    case .strings(let values): hasher.combine(values)
    case .tensor(let tensor): hasher.combine(tensor.tensor.sampledHash)
    case .tensors(let tensors): for tensor in tensors { hasher.combine(tensor.tensor.sampledHash) }
    // Too rare to be worth more than their kind.
    case .graph, .graphs, .sparseTensor, .sparseTensors, .type, .types, .reference: break
    }
  }
}

extension Model {
  /// Equal for nodes with the same effective attributes; comparing those is dearer.
  public func attributeHash(of node: NodeID) -> Int {
    let given = attributes(of: node)
    guard !given.isEmpty else { return 0 }
    let schema = schema(of: node)
    // The order does not matter, nor whether a default is written out.
    return given.reduce(0) { sum, attribute in
      if schema?.attribute(named: attribute.name)?.defaultValue?.isIdentical(to: attribute.value) == true {
        return sum
      }
      var hasher = Hasher()
      hasher.combine(attribute.name)
      attribute.value.hashIdentity(into: &hasher)
      return sum &+ hasher.finalize()
    }
  }
}
