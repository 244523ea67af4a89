import GraphIR

extension Match {
  /// How many of the nodes that the pattern covers go once `blueprints` stand for the root's outputs: the root,
  /// and what nothing but goners reads.
  func goneNodes(after blueprints: [Blueprint]) -> Int {
    var kept: Set<NodeID> = []
    for blueprint in blueprints { collectProducers(of: blueprint, into: &kept) }
    var gone: Set<NodeID> = [root]
    var candidates = [root]
    while let node = candidates.popLast() {
      for input in model.inputs(of: node).compactMap({ $0 }) {
        guard let producer = model.producer(of: input), bindings.matched.contains(producer),
          !gone.contains(producer), !kept.contains(producer), isRead(producer, onlyBy: gone)
        else { continue }
        gone.insert(producer)
        candidates.append(producer)
      }
    }
    return gone.count
  }

  private func isRead(_ node: NodeID, onlyBy gone: Set<NodeID>) -> Bool {
    model.outputs(of: node).allSatisfy { output in
      model.uses(of: output).allSatisfy { gone.contains($0.user) }
    }
  }

  private func collectProducers(of blueprint: Blueprint, into kept: inout Set<NodeID>) {
    switch blueprint {
    case .value(let value): if let node = model.producer(of: value) { kept.insert(node) }
    case .node(let node): for input in node.inputs { collectProducers(of: input, into: &kept) }
    case .tensor, .absent: break
    }
  }
}

extension Blueprint {
  /// The number of nodes that it builds.
  var nodeCount: Int {
    guard case .node(let node) = self else { return 0 }
    return node.inputs.reduce(1) { $0 + $1.nodeCount }
  }
}
