import GraphIR
import TensorCore

/// A graph in other surroundings: a pass may do there what it likes, but results must not change.
struct Metamorphic {
  let name: String
  let model: NamedModel
  /// Inputs that only the variant has, and the values to run it with.
  var extraInputs: [(name: String, values: [Tensor])] = []

  static func variants(of model: NamedModel) -> [Metamorphic] {
    [renamed(model), inBranch(model), inFunction(model), sharedWeights(model), symbolicBatch(model)]
      .compactMap { $0 } + tapped(model)
  }
}

extension Metamorphic {
  /// Every value but the graph's inputs and outputs has another name, and every node one.
  private static func renamed(_ model: NamedModel) -> Metamorphic {
    let fixed = Set(model.graph.inputs.map(\.name) + model.graph.outputs.map(\.name))
    var renamed = model
    renamed.graph = model.graph.renaming { fixed.contains($0) ? $0 : "renamed/\($0):0" }
    for index in renamed.graph.nodes.indices { renamed.graph.nodes[index].name = "node/\(index)" }
    return Metamorphic(name: "with other names", model: renamed)
  }

  /// One inner value after the other is an output of the graph, too.
  private static func tapped(_ model: NamedModel) -> [Metamorphic] {
    let outputs = Set(model.graph.outputs.map(\.name))
    let inner = model.graph.nodes.flatMap(\.outputs).filter { !$0.isEmpty && !outputs.contains($0) }
    return inner.prefix(4).map { value in
      var tapped = model
      tapped.graph.outputs.append(NamedValue(value, nil))
      tapped.graph.valueTypes.removeAll { $0.name == value }
      return Metamorphic(name: "with '\(value)' as an output", model: tapped)
    }
  }

  /// The graph is both branches of an `If`: constants lie around the first and in the second.
  private static func inBranch(_ model: NamedModel) -> Metamorphic {
    let graph = model.graph
    var outer = NamedGraph(name: graph.name, inputs: graph.inputs)
    let condition = "metamorphic.condition"
    outer.inputs.append(NamedValue(condition, AnnotatedType(.tensor(.bool, .scalar))))
    outer.initializers = graph.initializers
    outer.sparseInitializers = graph.sparseInitializers
    outer.outputs = graph.outputs
    let around = Set(graph.inputs.map(\.name) + graph.initializers.map(\.name))
    var then = graph.asBody(named: "then").renaming { around.contains($0) ? $0 : "then.\($0)" }
    then.initializers = []
    let inputs = Set(graph.inputs.map(\.name))
    let otherwise = graph.asBody(named: "else").renaming { inputs.contains($0) ? $0 : "else.\($0)" }
    outer.nodes = [
      NamedNode(
        OperatorName("If"), inputs: [condition], outputs: graph.outputs.map(\.name),
        attributes: [
          NamedAttribute("then_branch", .graph(then)), NamedAttribute("else_branch", .graph(otherwise)),
        ])
    ]
    var branched = model
    branched.graph = outer
    let values = [true, false].compactMap { try? Tensor(bool: [$0], []) }
    return Metamorphic(name: "in a branch", model: branched, extraInputs: [(name: condition, values: values)])
  }

  /// The graph is a function, its initializers are `Constant` nodes. Nil for graphs that call functions.
  private static func inFunction(_ model: NamedModel) -> Metamorphic? {
    guard model.functions.isEmpty, model.graph.sparseInitializers.isEmpty else { return nil }
    let graph = model.graph
    let name = OperatorName("Example", domain: "metamorphic")
    let constants = graph.initializers.map { tensor in
      NamedNode(
        OperatorName("Constant"), inputs: [], outputs: [tensor.name],
        attributes: [NamedAttribute("value", .tensor(NamedTensor(tensor.tensor)))])
    }
    let inputs = graph.inputs.map(\.name), outputs = graph.outputs.map(\.name)
    let function = NamedFunction(
      name, inputs: inputs, outputs: outputs, opsetImports: model.header.opsetImports,
      nodes: constants + graph.nodes)
    var wrapped = model
    wrapped.header.opsetImports.append(OpsetImport(domain: name.domain, version: 1))
    wrapped.graph = NamedGraph(
      name: graph.name, inputs: graph.inputs, outputs: graph.outputs,
      nodes: [NamedNode(name, inputs: inputs, outputs: outputs)])
    wrapped.functions = [function]
    return Metamorphic(name: "in a function", model: wrapped)
  }

  /// Another node reads each constant, too.
  private static func sharedWeights(_ model: NamedModel) -> Metamorphic? {
    guard !model.graph.initializers.isEmpty else { return nil }
    var shared = model
    for tensor in model.graph.initializers {
      let output = "shared.\(tensor.name)"
      shared.graph.nodes.append(
        NamedNode(OperatorName("Identity"), inputs: [tensor.name], outputs: [output]))
      shared.graph.outputs.append(
        NamedValue(output, AnnotatedType(.tensor(tensor.tensor.type))))
    }
    return Metamorphic(name: "with shared constants", model: shared)
  }

  /// The first axis of each input has a size that only the run tells. Nil where none is fixed.
  private static func symbolicBatch(_ model: NamedModel) -> Metamorphic? {
    var symbolic = model
    var isChanged = false
    for index in model.graph.inputs.indices {
      guard case .tensor(var type) = model.graph.inputs[index].type?.type,
        let size = type.shape?.dimensions.first?.fixedSize
      else { continue }
      type.shape?[0] = .symbol("metamorphic_\(size)")
      symbolic.graph.inputs[index].type?.type = .tensor(type)
      isChanged = true
    }
    guard isChanged else { return nil }
    // Declared types could contradict the symbol.
    symbolic.graph.valueTypes = []
    for index in symbolic.graph.outputs.indices { symbolic.graph.outputs[index].type = nil }
    return Metamorphic(name: "with a symbolic batch", model: symbolic)
  }
}

extension NamedGraph {
  /// The graph without inputs, as a body that sees those around it.
  fileprivate func asBody(named name: String) -> NamedGraph {
    var body = self
    body.name = name
    body.inputs = []
    return body
  }

  /// The same graph with `rename` applied to every name of a value, bodies included.
  fileprivate func renaming(_ rename: (String) -> String) -> NamedGraph {
    func renamed(_ name: String) -> String { name.isEmpty ? name : rename(name) }
    var graph = self
    for index in graph.inputs.indices { graph.inputs[index].name = renamed(inputs[index].name) }
    for index in graph.outputs.indices { graph.outputs[index].name = renamed(outputs[index].name) }
    for index in graph.valueTypes.indices { graph.valueTypes[index].name = renamed(valueTypes[index].name) }
    for index in graph.initializers.indices {
      graph.initializers[index].name = renamed(initializers[index].name)
    }
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = nodes[index].inputs.map(renamed)
      graph.nodes[index].outputs = nodes[index].outputs.map(renamed)
      graph.nodes[index].attributes = nodes[index].attributes.map { attribute in
        attribute.mapBodies { $0.renaming(rename) }
      }
    }
    return graph
  }
}
