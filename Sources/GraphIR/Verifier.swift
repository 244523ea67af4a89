import TensorCore

/// Checks what every model must hold between edits. Linear in the size of the model.
public enum Verifier {
  /// - Throws: `ModelError` for the first finding.
  public static func verify(_ model: Model) throws {
    if let first = findings(in: model).first { throw first }
  }

  /// Everything that is wrong, in the order of graphs and nodes.
  public static func findings(in model: Model) -> [ModelError] {
    let positions = model.nodePositions()
    var checks = VerifierRun(model: model, positions: positions)
    for graph in model.allGraphs { checks.verify(graph) }
    return checks.findings
  }
}

private struct VerifierRun {
  let model: Model
  let positions: [Int]
  private(set) var findings: [ModelError] = []
  /// Schemas by graph root and operator, since looking one up is not free.
  private var schemas: [SchemaKey: OperatorSchema?] = [:]

  private struct SchemaKey: Hashable {
    let root: GraphID
    let op: OperatorID
  }

  init(model: Model, positions: [Int]) {
    self.model = model
    self.positions = positions
  }

  private mutating func report(_ message: String, node: NodeID? = nil) {
    findings.append(ModelError(message, node: node.map { model.label(of: $0) }))
  }

  mutating func verify(_ graph: GraphID) {
    if case .body(nil) = model.kind(of: graph) { report("body '\(model.name(of: graph))' has no owner") }
    for node in model.nodes(of: graph) {
      if model.graph(of: node) != graph { report("is listed in another graph", node: node) }
      verifyOperands(of: node, in: graph)
      verifyOutputs(of: node)
      verifySchema(of: node, in: graph)
    }
    let terminator = model.graphs[graph].terminator
    verifyOperands(of: terminator, in: graph)
    let returned = model.inputs(of: terminator)
    if returned.count != model.outputNames(of: graph).count || returned.contains(nil) {
      report("graph '\(model.name(of: graph))' does not return all its outputs")
    }
    for value in model.inputs(of: graph) + model.initializers(of: graph) { verifyUses(of: value) }
  }

  // MARK: Structure

  private mutating func verifyOperands(of node: NodeID, in graph: GraphID) {
    for case let value? in model.inputs(of: node) {
      if model.isErased(value) {
        report("reads \(model.label(of: value)), which was erased", node: node)
      } else if !model.isVisible(value, in: graph) {
        report("reads \(model.label(of: value)) from a graph that it cannot see", node: node)
      } else if !isDefinedBefore(value, node) {
        report("reads \(model.label(of: value)) before it is computed", node: node)
      }
    }
  }

  private func isDefinedBefore(_ value: ValueID, _ node: NodeID) -> Bool {
    guard let producer = model.producer(of: value) else { return true }
    guard let ancestor = model.ancestor(of: node, in: model.graph(of: producer)) else { return false }
    return positions[producer.index] < positions[ancestor.index]
  }

  private mutating func verifyOutputs(of node: NodeID) {
    for (index, value) in model.outputs(of: node).enumerated() {
      if model.definition(of: value) != .node(node, output: index) || model.isErased(value) {
        report("does not own its output \(index)", node: node)
      }
      if model.graph(of: value) != model.graph(of: node) {
        report("has an output in another graph", node: node)
      }
      verifyUses(of: value)
    }
  }

  private mutating func verifyUses(of value: ValueID) {
    for use in model.uses(of: value) where model.input(use.index, of: use.user) != value {
      report("the use list of \(model.label(of: value)) is wrong", node: use.user)
    }
  }

  // MARK: Schemas

  private mutating func verifySchema(of node: NodeID, in graph: GraphID) {
    let name = model.operatorName(of: node)
    guard model.function(named: name) == nil, let schema = schema(of: node, in: graph) else { return }
    // Old files leave out trailing inputs and outputs as empty names, which the counts allow.
    if model.inputCount(of: node) > schema.inputCounts.upperBound {
      report("takes at most \(schema.inputCounts.upperBound) inputs", node: node)
    }
    if model.outputCount(of: node) > schema.outputCounts.upperBound {
      report("has at most \(schema.outputCounts.upperBound) outputs", node: node)
    }
    verifyRequiredInputs(of: node, schema)
    for attribute in schema.attributes where attribute.isRequired {
      if model.attribute(attribute.name, of: node) == nil {
        report("lacks the attribute '\(attribute.name)'", node: node)
      }
    }
    for attribute in model.attributes(of: node) {
      guard let expected = schema.attribute(named: attribute.name) else { continue }
      if expected.kind != attribute.value.kind {
        report(
          "'\(attribute.name)' must be of kind \(expected.kind), not \(attribute.value.kind)", node: node)
      }
    }
  }

  private mutating func verifyRequiredInputs(of node: NodeID, _ schema: OperatorSchema) {
    for (index, parameter) in schema.inputs.enumerated() where parameter.arity == .single {
      if model.input(index, of: node) == nil { report("lacks its input '\(parameter.name)'", node: node) }
    }
  }

  private mutating func schema(of node: NodeID, in graph: GraphID) -> OperatorSchema? {
    let key = SchemaKey(root: model.root(of: graph), op: model.operatorID(of: node))
    if let known = schemas[key] { return known }
    let schema = model.schema(of: node)
    schemas[key] = schema
    return schema
  }
}
