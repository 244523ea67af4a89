import TensorCore

extension Rewriter {
  /// Moves everything that a body computes to before `node`, and returns what the body returned. `arguments` stand
  /// for the body's inputs, nil for one that is left out. The body is gone afterwards; its owner is to be erased.
  /// - Throws: `ModelError` before the first edit, where `Model.canInline` is false.
  public mutating func inline(
    _ body: GraphID, arguments: [ValueID?] = [], before node: NodeID
  ) throws -> [ValueID] {
    guard model.canInline(body, arguments: arguments) else {
      throw ModelError("cannot inline '\(model.name(of: body))': its arguments do not fit")
    }
    for (input, argument) in zip(model.inputs(of: body), arguments) {
      for use in model.uses(of: input) { set(use.operand, to: argument) }
    }
    let graph = model.graph(of: node)
    for initializer in model.initializers(of: body) where model.hasUses(initializer) {
      guard let tensor = model.denseTensor(of: initializer) else { continue }
      let constant = addConstant(tensor, name: model.name(of: initializer), in: graph)
      for use in model.uses(of: initializer) { set(use.operand, to: constant) }
    }
    let results = model.outputs(of: body)
    for inner in model.nodes(of: body) { move(inner, before: node) }
    erase(body)
    return results
  }
}

extension Model {
  /// Whether the nodes of `body` can stand in the graph around it, with `arguments` for its inputs: their types do
  /// not contradict, what is left out is not returned, and no initializer is sparse.
  public func canInline(_ body: GraphID, arguments: [ValueID?] = []) -> Bool {
    let inputs = inputs(of: body)
    guard inputs.count == arguments.count, initializers(of: body).allSatisfy({ denseTensor(of: $0) != nil })
    else { return false }
    return zip(inputs, arguments).allSatisfy { input, argument in
      guard let argument else { return !isGraphOutput(input) }
      guard let type = type(of: input), let given = self.type(of: argument) else { return true }
      return !type.contradicts(given)
    }
  }
}
