import TensorCore

extension Model {
  /// Resolves every name, and sorts nodes topologically where the file does not.
  /// - Throws: `ModelError` for names that are defined twice or never, and for cycles.
  public init(_ named: NamedModel) throws {
    self.init(header: named.header, graphName: named.graph.name)
    var linker = Linker(model: self)
    try linker.link(named.graph, into: mainGraph)
    for function in named.functions { try linker.link(function) }
    self = linker.model
    try sortTopologically()
  }
}

/// Names to values, a scope for each graph from the outermost in.
private struct Linker {
  var model: Model
  private var scopes: [[String: ValueID]] = []

  init(model: Model) {
    self.model = model
  }

  mutating func link(_ named: NamedGraph, into graph: GraphID) throws {
    scopes.append([:])
    defer { scopes.removeLast() }
    for input in named.inputs {
      let value = model.appendValue(.input(graph), in: graph, name: input.name, type: input.type)
      try define(input.name, as: value, of: "an input")
      setAnnotations(input.annotations, of: value)
      model.graphs[graph].inputs.append(value)
    }
    for tensor in named.initializers {
      try addInitializer(tensor.name, .dense(tensor), type: .tensor(tensor.tensor.type), to: graph)
    }
    for sparse in named.sparseInitializers {
      let type = TensorType(sparse.values.tensor.elementType, Shape(fixed: sparse.dimensions))
      try addInitializer(sparse.values.name, .sparse(sparse), type: .sparseTensor(type), to: graph)
    }
    model.graphs[graph].annotations = named.annotations
    model.graphs[graph].quantizationAnnotations = named.quantizationAnnotations
    try link(named.nodes, into: graph)
    try setOutputs(of: graph, to: named.outputs.map(\.name))
    model.graphs[graph].outputAnnotations = named.outputs.map(\.annotations)
    setTypes(named.outputs)
    setTypes(named.valueTypes)
    model.graphs[graph].hasValueTypes = !named.valueTypes.isEmpty
    model.graphs[graph].valuesWithEntry = named.valueTypes.compactMap { scopes[scopes.count - 1][$0.name] }
      .filter { model.producer(of: $0) == nil || model.isGraphOutput($0) }
    model.graphs[graph].foreignValueTypes = named.valueTypes
      .filter { scopes[scopes.count - 1][$0.name] == nil }
  }

  mutating func link(_ named: NamedFunction) throws {
    let function = FunctionID(index: model.functionTable.count)
    guard model.function(named: named.id) == nil else {
      throw ModelError("function \(named.id) is defined twice")
    }
    let graph = model.appendGraph(kind: .function(function), name: named.id.name)
    _ = model.functionTable.append(
      FunctionRecord(
        id: named.id, graph: graph, requiredAttributes: named.requiredAttributes, defaultedAttributes: [],
        opsetImports: named.opsetImports, annotations: named.annotations))
    model.functionIDs[named.id] = function
    var body = NamedGraph(name: named.id.name, nodes: named.nodes)
    body.inputs = named.inputs.map { NamedValue($0, nil) }
    body.outputs = named.outputs.map { NamedValue($0, nil) }
    body.valueTypes = named.valueTypes
    try link(body, into: graph)
    scopes.append([:])
    defer { scopes.removeLast() }
    model.functionTable[function].defaultedAttributes = try named.defaultedAttributes.map { attribute in
      try attribute.mapBodies { try linkBody($0) }
    }
  }

  // MARK: Nodes

  /// Outputs first, so that a node may read what a later one makes; sorting follows.
  private mutating func link(_ nodes: [NamedNode], into graph: GraphID) throws {
    let ids = try nodes.map { try declare($0, in: graph) }
    for (node, id) in zip(nodes, ids) {
      model.setOperands(of: id, to: try node.inputs.map { try resolve($0, for: id) })
      let attributes = try node.attributes.map { attribute in
        try attribute.mapBodies { try linkBody($0) }
      }
      model.nodes[id].attributes = model.store(attributes: attributes)
      for body in model.bodies(of: id) { model.graphs[body].kind = .body(owner: id) }
    }
  }

  private mutating func declare(_ named: NamedNode, in graph: GraphID) throws -> NodeID {
    guard named.op.domain != OperatorName.terminator.domain else {
      throw ModelError("the domain '\(named.op.domain)' is reserved", node: "'\(named.name)'")
    }
    let node = NodeID(index: model.nodes.count)
    let firstOutput = UInt32(model.values.count)
    for (index, name) in named.outputs.enumerated() {
      let value = model.appendValue(.node(node, output: index), in: graph, name: name, type: nil)
      model.values[value].isOmitted = name.isEmpty
      if !name.isEmpty {
        try define(name, as: value, of: "an output of node '\(named.name)' (\(named.op))")
      }
    }
    let extra = NodeAnnotations(
      annotations: named.annotations, deviceConfigurations: named.deviceConfigurations)
    var record = NodeRecord(
      op: model.intern(named.op), graph: graph, name: model.store(name: named.name), firstOperand: 0,
      operandCount: 0, firstOutput: firstOutput, outputCount: UInt32(named.outputs.count), attributes: 0)
    record.annotations = model.store(extra)
    _ = model.nodes.append(record)
    model.link(node, before: model.graphs[graph].terminator)
    return node
  }

  /// A body is linked before its owner is known; until then its parent is unknown, but names resolve by scope.
  private mutating func linkBody(_ named: NamedGraph) throws -> GraphID {
    let body = model.appendGraph(kind: .body(owner: nil), name: named.name)
    try link(named, into: body)
    return body
  }

  // MARK: Names

  private mutating func define(_ name: String, as value: ValueID, of what: String) throws {
    guard !name.isEmpty else { throw ModelError("\(what) has no name") }
    guard scopes[scopes.count - 1].updateValue(value, forKey: name) == nil else {
      throw ModelError("'\(name)' is defined twice, the second time as \(what)")
    }
  }

  private func resolve(_ name: String, for node: NodeID) throws -> ValueID? {
    guard !name.isEmpty else { return nil }
    if let value = lookUp(name) { return value }
    throw ModelError(
      "'\(name)' is read, but it is no input, initializer or output of another node",
      node: model.label(of: node))
  }

  private func lookUp(_ name: String) -> ValueID? {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return nil
  }

  private mutating func addInitializer(
    _ name: String, _ data: ConstantData, type: ValueType, to graph: GraphID
  ) throws {
    if let input = scopes[scopes.count - 1][name] {
      guard model.isGraphInput(input), model.values[input].constant == 0 else {
        throw ModelError("initializer '\(name)' is defined twice")
      }
      model.values[input].constant = model.store(data)
      return
    }
    let value = model.appendValue(
      .initializer(graph), in: graph, name: name, type: AnnotatedType(type))
    try define(name, as: value, of: "an initializer")
    model.values[value].constant = model.store(data)
    model.graphs[graph].initializers.append(value)
  }

  private mutating func setOutputs(of graph: GraphID, to names: [String]) throws {
    guard Set(names).count == names.count else {
      throw ModelError("graph '\(model.graphs[graph].name)' returns a value twice")
    }
    let values = try names.map { name in
      guard let value = lookUp(name) else {
        throw ModelError("graph '\(model.graphs[graph].name)' returns '\(name)', which nothing computes")
      }
      return value
    }
    model.graphs[graph].outputNames = names
    model.setOperands(of: model.graphs[graph].terminator, to: values)
  }

  private mutating func setTypes(_ named: [NamedValue]) {
    for entry in named {
      guard let value = scopes[scopes.count - 1][entry.name] else { continue }
      if let type = entry.type, model.values[value].type == 0 {
        model.values[value].type = model.store(type: type)
      }
      setAnnotations(entry.annotations, of: value)
    }
  }

  private mutating func setAnnotations(_ annotations: Annotations, of value: ValueID) {
    guard !annotations.isEmpty else { return }
    model.values[value].annotations = model.store(NodeAnnotations(annotations: annotations))
  }
}
