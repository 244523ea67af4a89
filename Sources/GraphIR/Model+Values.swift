import TensorCore

extension Model {
  public func definition(of value: ValueID) -> Definition { values[value].definition }

  /// The node that computes the value; nil for inputs and initializers.
  public func producer(of value: ValueID) -> NodeID? {
    if case .node(let node, _) = values[value].definition { node } else { nil }
  }

  /// The graph in which the value is defined. Bodies inside that graph see it, too.
  public func graph(of value: ValueID) -> GraphID { values[value].graph }

  public func isErased(_ value: ValueID) -> Bool { values[value].isErased }

  public func isOmitted(_ value: ValueID) -> Bool { values[value].isOmitted }

  /// The value's own name; a graph's output is written under the name that the graph gives it. May be empty.
  public func name(of value: ValueID) -> String {
    outputName(of: value) ?? ownName(of: value)
  }

  /// The name that the value has whatever graphs return it as.
  func ownName(of value: ValueID) -> String { names[Int(values[value].name)] }

  /// For messages: the name, or the handle where it has none.
  public func label(of value: ValueID) -> String {
    let name = name(of: value)
    return name.isEmpty ? "\(value)" : name
  }

  /// What is known of the value's type.
  public func type(of value: ValueID) -> ValueType? { types[Int(values[value].type)]?.type }

  public func shape(of value: ValueID) -> Shape? { type(of: value)?.shape }

  public func elementType(of value: ValueID) -> ElementType? { type(of: value)?.elementType }

  /// Whether `value` is an input of the main graph, a body or a function.
  public func isGraphInput(_ value: ValueID) -> Bool {
    if case .input = values[value].definition { true } else { false }
  }

  /// The tensor, where the value is the same in every run: an initializer that callers cannot override, or
  /// the result of a `Constant` node.
  public func constant(_ value: ValueID) -> Tensor? {
    switch values[value].definition {
    case .initializer: return denseTensor(of: value)
    // Before IR version 4, initializers had to be listed as inputs, and were constants all the same.
    case .input: return header.irVersion < 4 ? denseTensor(of: value) : nil
    case .node(let node, 0): return constantNodeTensor(node)
    case .node: return nil
    }
  }

  /// The tensor of an initializer, or the default of an input that has one.
  public func denseTensor(of value: ValueID) -> Tensor? {
    guard case .dense(let tensor) = constants[Int(values[value].constant)] else { return nil }
    return tensor.tensor
  }

  public func sparseTensor(of value: ValueID) -> SparseTensor? {
    guard case .sparse(let tensor) = constants[Int(values[value].constant)] else { return nil }
    return tensor
  }

  private func constantNodeTensor(_ node: NodeID) -> Tensor? {
    let name = operatorName(of: node)
    guard name.name == "Constant", name.isStandard, let attribute = attributes(of: node).first
    else { return nil }
    switch attribute.value {
    case .tensor(let tensor): return tensor.tensor
    case .float(let value): return try? Tensor(float32: [value], [])
    case .floats(let values): return try? Tensor(float32: values)
    case .int(let value): return try? Tensor(int64: [Int(value)], [])
    case .ints(let values): return try? Tensor(int64: values.map(Int.init))
    case .string(let value): return try? Tensor(strings: [value], [])
    case .strings(let values): return try? Tensor(strings: values)
    default: return nil
    }
  }

  /// Whether `graph` is the one in which the value is defined, or lies inside it.
  public func isVisible(_ value: ValueID, in graph: GraphID) -> Bool {
    let home = values[value].graph
    var current: GraphID? = graph
    while let graph = current {
      if graph == home { return true }
      current = parent(of: graph)
    }
    return false
  }
}

// MARK: Uses

/// One use of a value: slot `index` of node `user`.
public struct Use: Hashable, Sendable {
  public let operand: OperandID
  public let user: NodeID
  public let index: Int
}

extension Model {
  /// All uses, the outputs of graphs among them (their user is a terminator), the latest first. O(uses).
  public func uses(of value: ValueID) -> [Use] {
    var result: [Use] = []
    var next = values[value].firstUse
    while let operand = next {
      result.append(use(operand))
      next = operands[operand].nextUse
    }
    return result
  }

  public func use(_ operand: OperandID) -> Use {
    let user = operands[operand].user
    return Use(operand: operand, user: user, index: Int(operand.rawValue - nodes[user].firstOperand))
  }

  /// O(1).
  public func hasUses(_ value: ValueID) -> Bool { values[value].firstUse != nil }

  /// O(1).
  public func hasOneUse(_ value: ValueID) -> Bool {
    guard let first = values[value].firstUse else { return false }
    return operands[first].nextUse == nil
  }

  /// O(`limit`).
  public func hasMoreUses(of value: ValueID, than limit: Int) -> Bool {
    var count = 0
    var next = values[value].firstUse
    while let operand = next {
      count += 1
      if count > limit { return true }
      next = operands[operand].nextUse
    }
    return false
  }

  /// Whether `node` is the only one that reads the value. O(uses by `node`).
  public func isRead(_ value: ValueID, onlyBy node: NodeID) -> Bool {
    var next = values[value].firstUse
    guard next != nil else { return false }
    while let operand = next {
      guard operands[operand].user == node else { return false }
      next = operands[operand].nextUse
    }
    return true
  }

  /// The nodes that read the value, without terminators, each once, in order of their handles.
  public func users(of value: ValueID) -> [NodeID] {
    var users: [NodeID] = []
    var next = values[value].firstUse
    while let operand = next {
      let user = operands[operand].user
      if !isTerminator(user) { users.append(user) }
      next = operands[operand].nextUse
    }
    guard users.count > 1 else { return users }
    users.sort()
    var last: NodeID?
    users.removeAll { user in
      defer { last = user }
      return user == last
    }
    return users
  }

  /// Whether a graph returns the value.
  public func isGraphOutput(_ value: ValueID) -> Bool { outputUse(of: value) != nil }

  /// The name under which a graph returns the value.
  public func outputName(of value: ValueID) -> String? {
    guard let use = outputUse(of: value) else { return nil }
    return graphs[nodes[use.user].graph].outputNames[use.index]
  }

  func outputUse(of value: ValueID) -> Use? {
    var next = values[value].firstUse
    while let operand = next {
      if isTerminator(operands[operand].user) { return use(operand) }
      next = operands[operand].nextUse
    }
    return nil
  }
}
