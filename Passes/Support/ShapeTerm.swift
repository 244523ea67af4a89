import GraphIR
import TensorCore

/// A computation of sizes by the fewest nodes that were found: a vector of integers, or a scalar.
indirect enum ShapeTerm: Hashable {
  case constant([Int])
  /// The sizes of the axes `start..<end` of a value.
  case sizes(of: ValueID, start: Int, end: Int)
  case concat([ShapeTerm])
  /// `Add`, `Sub`, `Mul`, `Div`, `Max` or `Min`, element by element.
  case arithmetic(String, ShapeTerm, ShapeTerm)
  /// The single element of a vector.
  case scalar(ShapeTerm)

  var operands: [ShapeTerm] {
    switch self {
    case .constant, .sizes: []
    case .concat(let parts): parts
    case .arithmetic(_, let a, let b): [a, b]
    case .scalar(let vector): [vector]
    }
  }

  /// The number of nodes, those that occur twice counted twice.
  var cost: Int {
    if case .constant = self { return 0 }
    return operands.reduce(1) { $0 + $1.cost }
  }

  /// The values whose sizes it reads.
  var sources: [ValueID] {
    if case .sizes(let value, _, _) = self { return [value] }
    return operands.flatMap(\.sources)
  }

  /// Adds all terms that need a node of their own, itself included.
  func collectNodes(into nodes: inout Set<ShapeTerm>) {
    if case .constant = self { return }
    guard nodes.insert(self).inserted else { return }
    for operand in operands { operand.collectNodes(into: &nodes) }
  }
}

extension ShapeTerm {
  /// Before version 15, `Shape` gives all sizes, of which `Gather` takes some. Then those are nodes, too.
  func collectNodes(into nodes: inout Set<ShapeTerm>, rank: (ValueID) -> Int?, hasRanges: Bool) {
    collectNodes(into: &nodes)
    guard !hasRanges else { return }
    for case .sizes(let value, let start, let end) in nodes {
      guard let rank = rank(value), start != 0 || end != rank else { continue }
      nodes.insert(.sizes(of: value, start: 0, end: rank))
    }
    // A scalar is gathered at once.
    for case .scalar(.sizes(let value, let start, let end)) in nodes where rank(value) != 1 {
      if !nodes.contains(where: {
        $0.operands.contains(.sizes(of: value, start: start, end: end)) && !$0.isScalar
      }) {
        nodes.remove(.sizes(of: value, start: start, end: end))
      }
    }
  }

  var isScalar: Bool { if case .scalar = self { true } else { false } }
}
