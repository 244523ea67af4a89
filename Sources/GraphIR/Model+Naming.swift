import TensorCore

extension Model {
  /// The model as files describe it. Inputs and outputs keep their names; every other value keeps its own
  /// where that is free, and gets a fresh one where it has none.
  /// - Parameter types: which inner values are written with their types.
  public func named(types: WrittenTypes = .asInFile) -> NamedModel {
    var writer = NameWriter(model: self, types: types)
    return writer.write()
  }

  public enum WrittenTypes: Sendable {
    /// Those of graphs whose file gave types of inner values.
    case asInFile
    case all
    case none
  }
}

private struct NameWriter {
  let model: Model
  let types: Model.WrittenTypes
  private var valueNames: [String]
  private var taken: Set<String> = []

  init(model: Model, types: Model.WrittenTypes) {
    self.model = model
    self.types = types
    valueNames = [String](repeating: "", count: model.values.count)
  }

  mutating func write() -> NamedModel {
    let graph = write(model.mainGraph)
    let functions = model.functions.map { function in
      taken = []
      return write(function)
    }
    return NamedModel(header: model.header, graph: graph, functions: functions)
  }

  // MARK: Names

  /// Names the values of `graph`; those of the graphs around it are taken already.
  private mutating func assignNames(in graph: GraphID) -> [String] {
    var assigned: [String] = []
    func claim(_ value: ValueID, _ name: String) {
      taken.insert(name)
      assigned.append(name)
      valueNames[value.index] = name
    }
    let outputs = Array(zip(model.outputs(of: graph), model.outputNames(of: graph)))
    for (value, name) in outputs where model.graph(of: value) == graph && !taken.contains(name) {
      claim(value, name)
    }
    let nodes = model.nodes(of: graph)
    let others =
      model.inputs(of: graph) + model.initializers(of: graph)
      + nodes.flatMap { model.outputs(of: $0) }.filter { !model.isOmitted($0) }
    for value in others where valueNames[value.index].isEmpty {
      let own = model.names[Int(model.values[value].name)]
      if !own.isEmpty, !taken.contains(own) { claim(value, own) }
    }
    for value in others where valueNames[value.index].isEmpty { claim(value, freshName(for: value)) }
    return assigned
  }

  private func freshName(for value: ValueID) -> String {
    let own = model.names[Int(model.values[value].name)]
    let base: String
    if !own.isEmpty {
      base = own
    } else if let producer = model.producer(of: value) {
      base = model.operatorName(of: producer).name.lowercased()
    } else {
      base = "constant"
    }
    var number = Int(value.rawValue)
    while taken.contains("\(base)_\(number)") { number += 1 }
    return "\(base)_\(number)"
  }

  // MARK: Graphs

  private mutating func write(_ graph: GraphID) -> NamedGraph {
    let assigned = assignNames(in: graph)
    let record = model.graphs[graph]
    var named = NamedGraph(name: record.name)
    named.annotations = record.annotations
    named.quantizationAnnotations = record.quantizationAnnotations
    named.inputs = record.inputs.map { namedValue($0) }
    named.outputs = model.outputs(of: graph).enumerated().map { index, value in
      var output = namedValue(value)
      output.annotations = record.outputAnnotations[index]
      return output
    }
    addInitializers(of: graph, to: &named)
    let nodes = model.nodes(of: graph)
    if types == .all || (types == .asInFile && record.hasValueTypes) {
      let inner = nodes.flatMap { model.outputs(of: $0) }
        .filter { !model.isOmitted($0) && !model.isGraphOutput($0) && model.type(of: $0) != nil }
      named.valueTypes = (record.valuesWithEntry.filter { isOuter($0) } + inner).map { namedValue($0) }
      if model.journal.entries.isEmpty { named.valueTypes += record.foreignValueTypes }
    }
    named.nodes = nodes.map { write($0) }
    if !model.journal.entries.isEmpty { makeNodeNamesUnique(&named.nodes, nodes) }
    // Sibling bodies may use the same names.
    for name in assigned { taken.remove(name) }
    return named
  }

  /// Nodes that came from other graphs may bring names that nodes here have, which runtimes refuse.
  private func makeNodeNamesUnique(_ named: inout [NamedNode], _ nodes: [NodeID]) {
    var taken = Set(named.map(\.name))
    guard taken.count < named.count else { return }
    var seen: Set<String> = []
    for (index, node) in nodes.enumerated() where !named[index].name.isEmpty {
      guard !seen.insert(named[index].name).inserted else { continue }
      var number = Int(node.rawValue)
      while !taken.insert("\(named[index].name)_\(number)").inserted { number += 1 }
      named[index].name += "_\(number)"
    }
  }

  /// Whether the value is an initializer, an input or an output, and still there.
  private func isOuter(_ value: ValueID) -> Bool {
    !model.isErased(value) && (model.producer(of: value) == nil || model.isGraphOutput(value))
  }

  private mutating func addInitializers(of graph: GraphID, to named: inout NamedGraph) {
    let withDefault = model.inputs(of: graph).filter { model.values[$0].constant != 0 }
    for value in withDefault + model.initializers(of: graph) {
      switch model.constants[Int(model.values[value].constant)] {
      case .none: break
      case .dense(var tensor):
        tensor.name = valueNames[value.index]
        named.initializers.append(tensor)
      case .sparse(var tensor):
        tensor.values.name = valueNames[value.index]
        named.sparseInitializers.append(tensor)
      }
    }
  }

  private func namedValue(_ value: ValueID) -> NamedValue {
    let record = model.values[value]
    return NamedValue(
      valueNames[value.index], model.types[Int(record.type)],
      annotations: model.annotations[Int(record.annotations)].annotations)
  }

  private mutating func write(_ node: NodeID) -> NamedNode {
    let record = model.nodes[node]
    var named = NamedNode(
      model.operators[record.op], name: model.name(of: node),
      inputs: model.inputs(of: node).map { $0.map { valueNames[$0.index] } ?? "" },
      outputs: model.outputs(of: node).map { model.isOmitted($0) ? "" : valueNames[$0.index] })
    named.attributes = model.attributes(of: node).map { attribute in
      attribute.mapBodies { write($0) }
    }
    let extra = model.annotations[Int(record.annotations)]
    named.annotations = extra.annotations
    named.deviceConfigurations = extra.deviceConfigurations
    return named
  }

  private mutating func write(_ function: FunctionID) -> NamedFunction {
    let record = model.functionTable[function]
    let body = write(record.graph)
    var named = NamedFunction(
      record.id, inputs: body.inputs.map(\.name), outputs: body.outputs.map(\.name),
      opsetImports: record.opsetImports, nodes: body.nodes)
    named.requiredAttributes = record.requiredAttributes
    named.defaultedAttributes = record.defaultedAttributes.map { attribute in
      attribute.mapBodies { write($0) }
    }
    named.valueTypes = body.valueTypes
    named.annotations = record.annotations
    return named
  }
}
