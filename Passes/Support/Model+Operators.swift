import GraphIR
import TensorCore

extension Model {
  /// The nodes of all graphs that have one of these standard operators.
  func nodes(withOperators names: Set<String>) -> [NodeID] {
    allNodes.filter { node in
      let op = operatorName(of: node)
      return op.isStandard && names.contains(op.name)
    }
  }

  /// The body that the node's attribute holds.
  func body(_ name: String, of node: NodeID) -> GraphID? { attribute(name, of: node)?.bodies.first }

  /// The number of a constant with one element.
  func constantNumber(_ value: ValueID) -> Double? { constant(value)?.scalarValue }

  /// The value that `value` is, behind any `Identity`.
  func source(of value: ValueID) -> ValueID {
    var value = value
    while let node = producer(of: value), operatorName(of: node) == OperatorName("Identity"),
      let input = input(0, of: node)
    {
      value = input
    }
    return value
  }

  /// Whether each new value may stand for the old one, where that is read: types are not known to differ.
  func agree(_ old: [ValueID], _ new: [ValueID?]) -> Bool {
    // One value may stand for several, which tell more of it.
    var known: [ValueID: ValueType] = [:]
    return old.count <= new.count
      && zip(old, new).allSatisfy { old, new in
        guard hasUses(old) else { return true }
        guard let new else { return false }
        guard let oldType = type(of: old) else { return true }
        guard let newType = known[new] ?? type(of: new) else {
          known[new] = oldType
          return true
        }
        known[new] = newType.refined(by: oldType)
        return !newType.contradicts(oldType)
      }
  }
}
