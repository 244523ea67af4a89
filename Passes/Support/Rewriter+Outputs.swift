import GraphIR

extension Rewriter {
  /// Makes `results` stand for the node's outputs and erases it, and what only it read. They `agree`.
  mutating func replace(_ node: NodeID, by results: [ValueID?]) throws {
    for (output, result) in zip(model.outputs(of: node), results) where model.hasUses(output) {
      guard let result else { throw ModelError("an output has no value", node: model.label(of: node)) }
      try replaceAllUses(of: output, with: result)
    }
    eraseIfDead(node)
  }

  /// Puts a node of the same operator in the place of `node`, with these inputs and attributes and only some of the
  /// outputs; nothing reads the others. Bodies go over to it.
  mutating func replace(
    _ node: NodeID, inputs: [ValueID?], attributes: [Attribute], keepingOutputs kept: [Int]
  ) throws {
    let outputs = kept.map { model.outputs(of: node)[$0] }
    let new = insert(
      model.operatorName(of: node), inputs: inputs, outputs: outputs.map { model.type(of: $0) },
      attributes: attributes, name: model.name(of: node), before: node)
    setAttributes(of: node, to: [])
    for (old, new) in zip(outputs, model.outputs(of: new)) {
      setName(of: new, to: model.name(of: old))
      try replaceAllUses(of: old, with: new)
    }
    erase(node)
  }

  /// Lets `body` return only some of its outputs, and erases what only the others needed.
  mutating func keepOutputs(_ kept: [Int], of body: GraphID) {
    let names = model.outputNames(of: body), values = model.outputs(of: body)
    setOutputs(of: body, to: kept.map { (name: names[$0], value: values[$0]) })
    eraseDeadNodes(of: body)
  }
}
