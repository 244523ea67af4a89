/// What stands for what in a copy.
private struct GraphCopy {
  /// For each value that the original defines.
  var values: [ValueID: ValueID] = [:]
  /// What references to a function's attributes mean; nil leaves them as they are.
  let attributes: [String: AttributeValue]?

  /// Itself where the value comes from around the original.
  func callAsFunction(_ value: ValueID) -> ValueID { values[value] ?? value }
}

extension Rewriter {
  /// A copy of `graph`, bodies included, as a body that a node is still to take or that is to be inlined. What the
  /// graph reads from around, the copy reads as well. Linear in what is copied.
  /// - Parameter attributes: what references to a function's attributes become. Where one has no value, the attribute
  ///   that refers to it is left out.
  public mutating func copy(_ graph: GraphID, attributes: [String: AttributeValue]? = nil) -> GraphID {
    var copy = GraphCopy(attributes: attributes)
    return self.copy(graph, &copy)
  }

  private mutating func copy(_ graph: GraphID, _ copy: inout GraphCopy) -> GraphID {
    let new = addBody(named: model.name(of: graph))
    for input in model.inputs(of: graph) {
      model.graphs[new].inputs.append(self.copy(input, as: .input(new), in: new, &copy))
    }
    for value in model.initializers(of: graph) {
      model.graphs[new].initializers.append(self.copy(value, as: .initializer(new), in: new, &copy))
    }
    for node in model.nodes(of: graph) { self.copy(node, to: new, &copy) }
    let outputs = zip(model.outputNames(of: graph), model.outputs(of: graph))
    setOutputs(of: new, to: outputs.map { (name: $0, value: copy($1)) })
    model.graphs[new].hasValueTypes = model.graphs[graph].hasValueTypes
    return new
  }

  private mutating func copy(
    _ value: ValueID, as definition: Definition, in graph: GraphID, _ copy: inout GraphCopy
  ) -> ValueID {
    var record = model.values[value]
    record.definition = definition
    record.graph = graph
    record.firstUse = nil
    let new = model.values.append(record)
    copy.values[value] = new
    return new
  }

  private mutating func copy(_ node: NodeID, to graph: GraphID, _ copy: inout GraphCopy) {
    let attributes = model.attributes(of: node).compactMap { self.copy($0, &copy) }
    let outputs = model.outputs(of: node)
    let new = append(
      model.operatorName(of: node), inputs: model.inputs(of: node).map { $0.map { copy($0) } },
      outputs: outputs.map { _ in nil }, attributes: attributes, to: graph)
    model.nodes[new].name = model.nodes[node].name
    model.nodes[new].annotations = model.nodes[node].annotations
    for (old, new) in zip(outputs, model.outputs(of: new)) {
      copy.values[old] = new
      model.values[new].name = model.values[old].name
      model.values[new].type = model.values[old].type
      model.values[new].annotations = model.values[old].annotations
      model.values[new].isOmitted = model.values[old].isOmitted
    }
  }

  private mutating func copy(_ attribute: Attribute, _ copy: inout GraphCopy) -> Attribute? {
    if case .reference(let name, _) = attribute.value, let values = copy.attributes {
      return values[name].map { Attribute(attribute.name, $0) }
    }
    var copies: [GraphID: GraphID] = [:]
    for body in attribute.value.bodies { copies[body] = self.copy(body, &copy) }
    return attribute.mapBodies { copies[$0] ?? $0 }
  }
}
