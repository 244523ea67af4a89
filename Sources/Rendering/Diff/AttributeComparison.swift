import GraphIR
import TensorCore

extension AttributeValueOf {
  /// Whether both say the same; bodies are compared by their number, since their nodes are compared one by one.
  func isSame(as other: AttributeValueOf) -> Bool {
    switch (self, other) {
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.int(let a), .int(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.floats(let a), .floats(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
    case (.ints(let a), .ints(let b)): a == b
    case (.strings(let a), .strings(let b)): a == b
    case (.tensor(let a), .tensor(let b)): a.tensor.isIdentical(to: b.tensor)
    case (.tensors(let a), .tensors(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.tensor.isIdentical(to: $1.tensor) }
    case (.sparseTensor(let a), .sparseTensor(let b)): a.isSame(as: b)
    case (.sparseTensors(let a), .sparseTensors(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    case (.type(let a), .type(let b)): a == b
    case (.types(let a), .types(let b)): a == b
    case (.graph, .graph): true
    case (.graphs(let a), .graphs(let b)): a.count == b.count
    case (.reference(let a, let kindA), .reference(let b, let kindB)): a == b && kindA == kindB
    default: false
    }
  }
}

extension SparseTensor {
  func isSame(as other: SparseTensor) -> Bool {
    dimensions == other.dimensions && values.tensor.isIdentical(to: other.values.tensor)
      && indices.tensor.isIdentical(to: other.indices.tensor)
  }
}

/// The names of the attributes that the lists give different values, sorted; one that is left out has its
/// default.
func differingAttributes(
  _ a: [Attribute], _ b: [Attribute], schemas: (a: OperatorSchema?, b: OperatorSchema?)
) -> [String] {
  if a.isEmpty, b.isEmpty { return [] }
  let (mine, theirs) = (valuesByName(a), valuesByName(b))
  return Set(mine.keys).union(theirs.keys).sorted().filter { name in
    let old = mine[name] ?? schemas.a?.defaultValue(of: name)
    let new = theirs[name] ?? schemas.b?.defaultValue(of: name)
    guard let old, let new else { return true }
    return !old.isSame(as: new)
  }
}

private func valuesByName(_ attributes: [Attribute]) -> [String: AttributeValue] {
  Dictionary(attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
}

extension OperatorSchema {
  fileprivate func defaultValue(of name: String) -> AttributeValue? {
    attribute(named: name)?.default?.mapBodies(unreachable)
  }
}

/// Defaults of schemas hold no bodies.
private func unreachable(_ body: Never) -> GraphID {}
