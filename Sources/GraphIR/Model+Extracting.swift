import TensorCore

extension Model {
  /// The part of the main graph that computes `outputs`, as a model of its own with the same handles.
  ///
  /// Outputs that a node leaves out can be asked for, as long as it has not forgotten them. Each of `cuts` becomes an input, and what only served to compute it falls away, as do inputs that are no
  /// longer read. Without cuts the inputs stay those of the model.
  /// - Throws: `ModelError` where the type of a cut is unknown.
  public func extracting(
    _ outputs: [(name: String, value: ValueID)], from cuts: [(name: String, value: ValueID)] = []
  ) throws -> Model {
    var part = self
    try part.edit(as: "extract") { rewriter in
      try rewriter.extract(outputs, from: cuts)
    }
    return part
  }

  /// Where a value of an earlier state of this model is now: replaced values are followed to what replaced
  /// them. Nil where it is gone.
  public func current(_ value: ValueID) -> ValueID? {
    guard isErased(value) else { return value }
    var replacements: [ValueID: ValueID] = [:]
    for entry in journal.entries {
      for replacement in entry.replaced { replacements[replacement.old] = replacement.new }
    }
    var value = value
    var steps = 0
    while isErased(value), let next = replacements[value], steps <= replacements.count {
      value = next
      steps += 1
    }
    return isErased(value) ? nil : value
  }
}

extension Rewriter {
  fileprivate mutating func extract(
    _ outputs: [(name: String, value: ValueID)], from cuts: [(name: String, value: ValueID)]
  ) throws {
    let main = model.mainGraph
    for output in outputs { restore(output.value) }
    setOutputs(of: main, to: outputs)
    for cut in cuts {
      guard let type = model.type(of: cut.value) else {
        throw ModelError("the type of \(model.label(of: cut.value)) is unknown")
      }
      let input = addInput(named: cut.name, type: type, to: main)
      for use in model.uses(of: cut.value) { set(use.operand, to: input) }
    }
    nameOutputsThatAreInputs(of: main)
    eraseDeadNodes(of: main)
    let unread = model.inputs(of: main) + model.initializers(of: main)
    for value in unread where !model.hasUses(value) {
      if cuts.isEmpty && model.isGraphInput(value) { continue }
      eraseUnused(value)
    }
  }

  /// An input cannot be returned under another name, hence an `Identity`.
  private mutating func nameOutputsThatAreInputs(of graph: GraphID) {
    let outputs = zip(model.outputNames(of: graph), model.outputs(of: graph)).map { name, value in
      guard model.isGraphInput(value), model.ownName(of: value) != name else {
        return (name: name, value: value)
      }
      let identity = append(
        OperatorName("Identity"), inputs: [value], outputs: [model.type(of: value)], to: graph)
      return (name: name, value: model.outputs(of: identity)[0])
    }
    setOutputs(of: graph, to: outputs)
  }

  /// Erases the nodes of `graph` whose outputs nothing reads. Bodies go with their nodes.
  public mutating func eraseDeadNodes(of graph: GraphID) {
    for node in model.nodes(of: graph).reversed() { eraseIfDead(node) }
  }
}
