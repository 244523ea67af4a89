import TensorCore

extension Rewriter {
  /// Makes every reader of `old` read `new`, the graph's outputs included; what is known of the old type is
  /// kept for the new value.
  ///
  /// A graph's output keeps its name. Where `new` cannot carry it (an input, an initializer, a value of an
  /// outer graph, or another output), an `Identity` is inserted: see `needsIdentity`.
  /// - Throws: `ModelError` where the types cannot be those of one value.
  public mutating func replaceAllUses(of old: ValueID, with new: ValueID) throws {
    guard old != new else { return }
    if let oldType = model.type(of: old), let newType = model.type(of: new) {
      guard !oldType.contradicts(newType) else {
        throw ModelError(
          "cannot replace \(model.label(of: old)) of type \(oldType) by a value of type \(newType)")
      }
      setType(of: new, to: newType.refined(by: oldType))
    } else if model.type(of: new) == nil {
      setType(of: new, to: model.type(of: old))
    }
    touch()
    let needsIdentity = model.needsIdentity(toReplace: old, with: new)
    for use in model.uses(of: old) {
      guard needsIdentity, model.isTerminator(use.user) else {
        set(use.operand, to: new)
        continue
      }
      let identity = insert(
        OperatorName("Identity"), inputs: [new], outputs: [model.type(of: new)], before: use.user)
      set(use.operand, to: model.outputs(of: identity)[0])
    }
    entry.replaced.append(EditJournal.Replacement(old: old, new: new))
  }

  /// Erases a node whose outputs nothing reads, with its bodies.
  public mutating func erase(_ node: NodeID) {
    precondition(
      !model.outputs(of: node).contains { model.hasUses($0) }, "a node that is read cannot be erased")
    touch()
    for body in model.bodies(of: node) { erase(body) }
    model.setOperands(of: node, to: [])
    model.unlinkFromOrder(node)
    model.nodes[node].isErased = true
    for output in model.outputs(of: node) { model.values[output].isErased = true }
    entry.erased.append(node)
  }

  /// Erases a body or a function's graph with all that lies in it.
  mutating func erase(_ graph: GraphID) {
    model.setOperands(of: model.graphs[graph].terminator, to: [])
    for node in model.nodes(of: graph).reversed() { erase(node) }
    for value in model.inputs(of: graph) + model.initializers(of: graph) {
      model.values[value].isErased = true
    }
    model.graphs[graph].isErased = true
  }

  /// Erases `node` if nothing reads it, then whatever thereby became unread, except initializers.
  /// Returns the erased nodes.
  @discardableResult
  public mutating func eraseIfDead(_ node: NodeID) -> [NodeID] {
    var erased: [NodeID] = []
    var pending = [node]
    while let node = pending.popLast() {
      guard model.isDead(node) else { continue }
      let producers = model.inputsIncludingBodies(of: node).compactMap { model.producer(of: $0) }
      erase(node)
      erased.append(node)
      pending += producers
    }
    return erased
  }

  /// Erases an initializer, or an input of a body or of the main graph, that nothing reads.
  public mutating func eraseUnused(_ value: ValueID) {
    precondition(!model.hasUses(value) && model.producer(of: value) == nil, "the value is still read")
    touch()
    model.values[value].isErased = true
    // Weights go at once: a pass may replace all of a model's.
    model.constants[Int(model.values[value].constant)] = .none
    if case .input(let graph) = model.values[value].definition {
      model.graphs[graph].inputs.removeAll { $0 == value }
    }
  }

  public mutating func eraseFunction(_ function: FunctionID) {
    touch()
    erase(model.functionTable[function].graph)
    model.functionTable[function].isErased = true
    model.functionIDs[model.functionTable[function].id] = nil
  }
}

extension Model {
  /// Whether the graph's output that `old` is cannot be `new` itself, so that an `Identity` has to carry the
  /// output's name.
  public func needsIdentity(toReplace old: ValueID, with new: ValueID) -> Bool {
    guard isGraphOutput(old) else { return false }
    guard producer(of: new) != nil, graph(of: new) == graph(of: old) else { return true }
    return isGraphOutput(new)
  }

  /// Whether no output of the node is read.
  public func isDead(_ node: NodeID) -> Bool {
    !isErased(node) && !isTerminator(node) && !outputs(of: node).contains { hasUses($0) }
  }

  /// What the node and everything inside its bodies reads, from wherever it comes.
  func inputsIncludingBodies(of node: NodeID) -> [ValueID] {
    var result = inputs(of: node).compactMap { $0 }
    for body in bodies(of: node) {
      result += outputs(of: body)
      for inner in nodes(of: body) { result += inputsIncludingBodies(of: inner) }
    }
    return result.filter { !isErased($0) }
  }

  /// The values from around that a node's bodies read, each once, in order of first reading.
  public func captures(of node: NodeID) -> [ValueID] {
    var seen: Set<ValueID> = []
    let home = graph(of: node)
    return inputsIncludingBodies(of: node).filter { value in
      isVisible(value, in: home) && seen.insert(value).inserted
    }
  }
}
