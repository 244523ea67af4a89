import TensorCore

extension AttributeValueOf {
  /// Whether both hold the same, bit by bit; documentation and names of tensors do not count.
  /// - Parameter areSame: decides for bodies.
  public func isIdentical<Other>(
    to other: AttributeValueOf<Other>, bodies areSame: (Body, Other) -> Bool
  ) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.floats(let a), .floats(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
    case (.ints(let a), .ints(let b)): a == b
    case (.strings(let a), .strings(let b)): a == b
    case (.type(let a), .type(let b)): a.type == b.type
    case (.types(let a), .types(let b)): a.map(\.type) == b.map(\.type)
    case (.reference(let a, let kindA), .reference(let b, let kindB)): a == b && kindA == kindB
    case (.tensor(let a), .tensor(let b)): a.tensor.isIdentical(to: b.tensor)
    case (.tensors(let a), .tensors(let b)): haveSame(a, b) { $0.tensor.isIdentical(to: $1.tensor) }
    case (.sparseTensor(let a), .sparseTensor(let b)): a.isIdentical(to: b)
    case (.sparseTensors(let a), .sparseTensors(let b)): haveSame(a, b) { $0.isIdentical(to: $1) }
    case (.graph(let a), .graph(let b)): areSame(a, b)
    case (.graphs(let a), .graphs(let b)): haveSame(a, b, areSame)
    default: false
    }
  }
}

extension AttributeValueOf where Body == GraphID {
  /// Whether both hold the same, bit by bit; bodies are the same only if they are one.
  public func isIdentical(to other: AttributeValue) -> Bool { isIdentical(to: other, bodies: ==) }
}

extension SparseTensor {
  public func isIdentical(to other: SparseTensor) -> Bool {
    dimensions == other.dimensions && values.tensor.isIdentical(to: other.values.tensor)
      && indices.tensor.isIdentical(to: other.indices.tensor)
  }
}

private func haveSame<A, B>(_ a: [A], _ b: [B], _ areSame: (A, B) -> Bool) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy(areSame)
}

extension OperatorSchema.AttributeSchema {
  /// The default as a node's attribute holds it.
  public var defaultValue: AttributeValue? {
    self.default.map { $0.mapBodies { never -> GraphID in } }
  }
}

extension Model {
  /// The node's attributes with the schema's defaults for those that are left out, sorted by name.
  public func effectiveAttributes(of node: NodeID) -> [Attribute] {
    let given = attributes(of: node)
    let defaults = (schema(of: node)?.attributes ?? []).compactMap { attribute -> Attribute? in
      guard let value = attribute.defaultValue, !given.contains(where: { $0.name == attribute.name }) else {
        return nil
      }
      return Attribute(attribute.name, value)
    }
    return (given + defaults).sorted { $0.name < $1.name }
  }
}
