import TensorCore

extension Rewriter {
  /// Puts everything that a body computes in front of the node that has it, and returns what the body returned.
  /// The body must have no inputs, and is left without nodes and outputs.
  /// - Throws: `ModelError` where the body has inputs or sparse initializers.
  public mutating func inline(_ body: GraphID, before node: NodeID) throws -> [ValueID] {
    let initializers = model.initializers(of: body)
    guard model.inputs(of: body).isEmpty, initializers.allSatisfy({ model.denseTensor(of: $0) != nil }) else {
      throw ModelError("cannot inline '\(model.graphs[body].name)': it has inputs or sparse initializers")
    }
    let graph = model.graph(of: node)
    for initializer in initializers {
      guard let tensor = model.denseTensor(of: initializer) else { continue }
      let constant = addConstant(tensor, name: model.name(of: initializer), in: graph)
      for use in model.uses(of: initializer) { set(use.operand, to: constant) }
    }
    let results = model.outputs(of: body)
    setOutputs(of: body, to: [])
    for inner in model.nodes(of: body) {
      move(inner, toEndOf: graph)
      move(inner, before: node)
    }
    return results
  }
}
