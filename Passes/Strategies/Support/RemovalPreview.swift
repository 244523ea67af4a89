import GraphIR

/// Tells what an edit would remove without making it: copying a model for each of thousands of candidates takes
/// longer than everything else about them.
struct RemovalPreview {
  private let model: Model
  /// By value, filled as they are asked for: some values have as many uses as the model has blocks.
  private var useCounts: [ValueID: Int] = [:]

  init(of model: Model) {
    self.model = model
  }

  /// The nodes that fall away when every reader of `exit` reads `replacement` instead, in order of their handles;
  /// none for values that no node computes. Nodes inside the bodies of others are not listed.
  ///
  /// - Parameter replacement: nil for something new.
  ///
  /// Linear in the nodes that fall away, their bodies included.
  mutating func nodes(thatDieWhen exit: ValueID, isReplacedBy replacement: ValueID?) -> [NodeID] {
    guard exit != replacement, let producer = model.producer(of: exit) else { return [] }
    let moved = useCount(of: exit)
    // Uses that are left: those that dying nodes give up are subtracted.
    var left = [exit: 0]
    if let replacement { left[replacement] = useCount(of: replacement) + moved }
    var dead: Set<NodeID> = []
    var inner: Set<NodeID> = []
    var pending = [producer]
    while let node = pending.popLast() {
      guard !dead.contains(node), !inner.contains(node), !model.isErased(node),
        model.outputs(of: node).allSatisfy({ (left[$0] ?? useCount(of: $0)) == 0 })
      else { continue }
      dead.insert(node)
      let operands = operands(of: node, inner: &inner)
      for value in operands { left[value] = (left[value] ?? useCount(of: value)) - 1 }
      pending += operands.compactMap { model.producer(of: $0) }
    }
    return dead.sorted()
  }

  /// What the node and everything in its bodies reads, each value as often as it is read.
  private func operands(of node: NodeID, inner: inout Set<NodeID>) -> [ValueID] {
    var result = model.inputs(of: node).compactMap { $0 }
    var bodies = model.bodies(of: node)
    while let body = bodies.popLast() {
      result += model.outputs(of: body)
      for node in model.nodes(of: body) {
        inner.insert(node)
        result += model.inputs(of: node).compactMap { $0 }
        bodies += model.bodies(of: node)
      }
    }
    return result
  }

  private mutating func useCount(of value: ValueID) -> Int {
    if let known = useCounts[value] { return known }
    let count = model.uses(of: value).count
    useCounts[value] = count
    return count
  }
}
