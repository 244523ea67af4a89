import TensorCore

extension TextParser {
  /// `name (inputs) => (outputs) <initializers and types> { nodes }`
  mutating func graph() throws -> NamedGraph {
    let notes = try takeNotes()
    return try graph(named: try name("the name of a graph"), notes: notes)
  }

  mutating func graph(named name: String, notes: Notes) throws -> NamedGraph {
    var graph = NamedGraph(name: name)
    graph.annotations = notes.annotations
    graph.quantizationAnnotations = notes.quantizationAnnotations
    if try accept("(") {
      try list(until: ")", "after the inputs") { try $0.input(of: &graph) }
    }
    try expectArrow()
    try expect("(", "before the outputs")
    try list(until: ")", "after the outputs") { graph.outputs.append(try $0.value()) }
    if try accept("<") {
      try list(until: ">", "after initializers and types") { try $0.local(of: &graph) }
    }
    try expect("{", "before the nodes")
    while !isAt("}") { graph.nodes.append(try node()) }
    try expect("}", "after the nodes")
    return graph
  }

  /// `type? name`
  mutating func value() throws -> NamedValue {
    let notes = try takeNotes()
    let type = isAtType ? try type() : nil
    let name = try self.name("the name of a value")
    return NamedValue(name, type.map(notes.annotatedType), annotations: notes.annotations)
  }

  /// A value, which may have a default: an initializer of the same name.
  private mutating func input(of graph: inout NamedGraph) throws {
    let value = try value()
    graph.inputs.append(value)
    guard try accept("=") else { return }
    guard let type = value.type?.type else { throw failure("give the type of \(value.name)") }
    graph.initializers.append(NamedTensor(try tensorData(type), name: value.name))
  }

  /// An initializer, `type name = data`, or else the type of a value.
  private mutating func local(of graph: inout NamedGraph) throws {
    let notes = try takeNotes()
    let type = isAtType ? try type() : nil
    if case .sparseTensor(let type) = type, try accept("=") {
      graph.sparseInitializers.append(try sparseTensor(type, "", notes))
      return
    }
    let name = try self.name("the name of a value")
    guard try accept("=") else {
      let value = NamedValue(name, type.map(notes.annotatedType), annotations: notes.annotations)
      graph.valueTypes.append(value)
      return
    }
    guard let type else { throw failure("give the type of \(name)") }
    if case .sparseTensor(let type) = type {
      graph.sparseInitializers.append(try sparseTensor(type, name, notes))
    } else {
      let tensor = try tensorData(type)
      graph.initializers.append(NamedTensor(tensor, name: name, annotations: notes.annotations))
    }
  }

  // MARK: Nodes

  /// `[name] outputs = domain.Operator:overload <attributes> (inputs)`; attributes may follow the inputs.
  mutating func node() throws -> NamedNode {
    let notes = try takeNotes()
    var name = ""
    if try accept("[") {
      if isAtName { name = try self.name("the name of the node") }
      try expect("]", "after the name of the node")
    }
    let outputs = try valueNames()
    try expect("=", "after the outputs of a node")
    let op = try operatorName()
    var attributes = try self.attributes()
    try expect("(", "before the inputs of \(op)")
    let inputs = literals == nil ? try valueNames() : try operands()
    try expect(")", "after the inputs of \(op)")
    if attributes.isEmpty { attributes = try self.attributes() }
    var node = NamedNode(op, name: name, inputs: inputs, outputs: outputs, attributes: attributes)
    node.annotations = notes.annotations
    node.deviceConfigurations = notes.deviceConfigurations
    return node
  }

  mutating func operatorName() throws -> OperatorName {
    var domain: [String] = []
    var name = try self.name("an operator")
    while try accept(".") {
      domain.append(name)
      name = try self.name("an operator")
    }
    let overload = try accept(":") ? try self.name("an overload") : ""
    return OperatorName(name, domain: domain.joined(separator: "."), overload: overload)
  }

  /// Names separated by commas. A name that is left out before a comma is empty, after the last one nothing.
  mutating func valueNames() throws -> [String] {
    var names: [String] = []
    while isAtName || isAt(",") {
      names.append(isAtName ? try name("a value") : "")
      guard try accept(",") else { break }
    }
    return names
  }
}
