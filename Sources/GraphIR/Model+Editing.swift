import TensorCore

// The edits themselves, without checks or a journal: `Rewriter` adds both.

extension Model {
  // MARK: Tables

  mutating func intern(_ name: OperatorName) -> OperatorID {
    if let id = operatorIDs[name] { return id }
    let id = operators.append(name)
    operatorIDs[name] = id
    return id
  }

  mutating func store(name: String) -> UInt32 {
    guard !name.isEmpty else { return 0 }
    names.append(name)
    return UInt32(names.count - 1)
  }

  mutating func store(attributes: [Attribute]) -> UInt32 {
    guard !attributes.isEmpty else { return 0 }
    attributeLists.append(attributes)
    return UInt32(attributeLists.count - 1)
  }

  mutating func store(_ extra: NodeAnnotations) -> UInt32 {
    guard !extra.annotations.isEmpty || !extra.deviceConfigurations.isEmpty else { return 0 }
    annotations.append(extra)
    return UInt32(annotations.count - 1)
  }

  mutating func store(type: AnnotatedType?) -> UInt32 {
    guard let type else { return 0 }
    types.append(type)
    return UInt32(types.count - 1)
  }

  mutating func store(_ constant: ConstantData) -> UInt32 {
    constants.append(constant)
    return UInt32(constants.count - 1)
  }

  // MARK: Graphs and values

  mutating func appendGraph(kind: GraphKind, name: String) -> GraphID {
    let graph = GraphID(index: graphs.count)
    let terminator = nodes.append(
      NodeRecord(
        op: OperatorID(rawValue: 0), graph: graph, name: 0, firstOperand: 0, operandCount: 0, firstOutput: 0,
        outputCount: 0, attributes: 0))
    return graphs.append(GraphRecord(kind: kind, name: name, first: terminator, terminator: terminator))
  }

  mutating func appendValue(
    _ definition: Definition, in graph: GraphID, name: String, type: AnnotatedType?
  ) -> ValueID {
    values.append(
      ValueRecord(definition: definition, graph: graph, name: store(name: name), type: store(type: type)))
  }

  mutating func setOperands(of node: NodeID, to inputs: [ValueID?]) {
    for operand in operands(of: node) { unlink(operand) }
    nodes[node].firstOperand = UInt32(operands.count)
    nodes[node].operandCount = UInt32(inputs.count)
    for value in inputs {
      let operand = operands.append(OperandRecord(value: value, user: node))
      link(operand)
    }
  }

  // MARK: Use lists

  /// Makes `operand` read `value` instead of its current value. O(1).
  mutating func set(_ operand: OperandID, to value: ValueID?) {
    unlink(operand)
    operands[operand].value = value
    link(operand)
  }

  private mutating func link(_ operand: OperandID) {
    guard let value = operands[operand].value else { return }
    let first = values[value].firstUse
    operands[operand].nextUse = first
    operands[operand].previousUse = nil
    if let first { operands[first].previousUse = operand }
    values[value].firstUse = operand
  }

  mutating func unlink(_ operand: OperandID) {
    guard let value = operands[operand].value else { return }
    let next = operands[operand].nextUse
    let previous = operands[operand].previousUse
    if let next { operands[next].previousUse = previous }
    if let previous { operands[previous].nextUse = next } else { values[value].firstUse = next }
    operands[operand].value = nil
    operands[operand].nextUse = nil
    operands[operand].previousUse = nil
  }

  // MARK: Order

  mutating func link(_ node: NodeID, before successor: NodeID) {
    let graph = nodes[successor].graph
    let predecessor = nodes[successor].previous
    nodes[node].graph = graph
    nodes[node].next = successor
    nodes[node].previous = predecessor
    nodes[successor].previous = node
    if let predecessor { nodes[predecessor].next = node } else { graphs[graph].first = node }
  }

  mutating func unlinkFromOrder(_ node: NodeID) {
    let (previous, next) = (nodes[node].previous, nodes[node].next)
    if let previous {
      nodes[previous].next = next
    } else if let next {
      graphs[nodes[node].graph].first = next
    }
    if let next { nodes[next].previous = previous }
    nodes[node].previous = nil
    nodes[node].next = nil
  }
}
