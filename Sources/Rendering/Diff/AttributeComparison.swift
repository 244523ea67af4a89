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

/// Whether both lists give the same names the same values, in whatever order.
func haveSameMeaning(_ a: [Attribute], _ b: [Attribute]) -> Bool {
  guard a.count == b.count else { return false }
  let byName = Dictionary(b.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  return a.allSatisfy { attribute in byName[attribute.name].map { attribute.value.isSame(as: $0) } ?? false }
}
