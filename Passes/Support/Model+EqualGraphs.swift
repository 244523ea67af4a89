import GraphIR

extension Model {
  /// Whether two bodies without inputs compute the same: the same nodes in the same order, reading the same
  /// values. Random operators are never the same.
  func areEqual(_ graph: GraphID, _ other: GraphID) -> Bool {
    var comparison = GraphEquality(model: self)
    return comparison.areEqual(graph, other)
  }
}

private struct GraphEquality {
  let model: Model
  private var counterparts: [ValueID: ValueID] = [:]

  init(model: Model) {
    self.model = model
  }

  mutating func areEqual(_ graph: GraphID, _ other: GraphID) -> Bool {
    let inputs = model.inputs(of: graph), others = model.inputs(of: other)
    guard inputs.count == others.count else { return false }
    for (input, other) in zip(inputs, others) { counterparts[input] = other }
    let nodes = model.nodes(of: graph), otherNodes = model.nodes(of: other)
    guard nodes.count == otherNodes.count else { return false }
    for (node, other) in zip(nodes, otherNodes) where !areEqual(node, other) { return false }
    let outputs = model.outputs(of: graph), otherOutputs = model.outputs(of: other)
    return outputs.count == otherOutputs.count && zip(outputs, otherOutputs).allSatisfy { isSame($0, $1) }
  }

  private mutating func areEqual(_ node: NodeID, _ other: NodeID) -> Bool {
    let inputs = model.inputs(of: node), otherInputs = model.inputs(of: other)
    let outputs = model.outputs(of: node), otherOutputs = model.outputs(of: other)
    guard model.operatorName(of: node) == model.operatorName(of: other), model.isDeterministic(node),
      inputs.count == otherInputs.count, outputs.count == otherOutputs.count,
      zip(inputs, otherInputs).allSatisfy({ isSame($0, $1) }), haveEqualAttributes(node, other)
    else { return false }
    for (output, other) in zip(outputs, otherOutputs) { counterparts[output] = other }
    return true
  }

  private mutating func haveEqualAttributes(_ node: NodeID, _ other: NodeID) -> Bool {
    let attributes = model.effectiveAttributes(of: node), others = model.effectiveAttributes(of: other)
    guard attributes.count == others.count else { return false }
    for (attribute, other) in zip(attributes, others) {
      guard attribute.name == other.name else { return false }
      let bodies = attribute.value.bodies, otherBodies = other.value.bodies
      guard attribute.value.isIdentical(to: other.value, bodies: { _, _ in true }),
        bodies.count == otherBodies.count
      else { return false }
      for (body, other) in zip(bodies, otherBodies) where !areEqual(body, other) { return false }
    }
    return true
  }

  private func isSame(_ value: ValueID?, _ other: ValueID?) -> Bool {
    guard let value, let other else { return value == nil && other == nil }
    if (counterparts[value] ?? value) == other { return true }
    guard let tensor = model.constant(value) else { return false }
    return model.constant(other)?.isIdentical(to: tensor) == true
  }
}
