import GraphIR
import TensorCore

extension InferenceWalk {
  /// The attributes of a node, with those that refer to the calling node's attributes resolved.
  func attributes(of node: NodeID) -> [Attribute] {
    let own = model.attributes(of: node)
    guard let call = callAttributes.last else { return own }
    return own.compactMap { attribute in
      guard case .reference(let name, _) = attribute.value else { return attribute }
      return call.first { $0.name == name }.map { Attribute(attribute.name, $0.value) }
    }
  }

  /// The types of a call's outputs, from a visit of the function's nodes with the call's inputs.
  mutating func inferCall(of function: FunctionID, by node: NodeID) -> [ValueType?] {
    guard callAttributes.count < InferenceLimits.maximumCallDepth else { return [] }
    let graph = model.graph(of: function)
    let arguments = model.inputs(of: node).map { value in value.map { input($0) } }
    let given = attributes(of: node)
    let defaults = model.defaultAttributes(of: function).filter { fallback in
      !given.contains { $0.name == fallback.name }
    }
    for (index, parameter) in model.inputs(of: graph).enumerated() {
      let argument = index < arguments.count ? arguments[index] : nil
      let known = argument.flatMap { $0.elements ?? $0.constant.flatMap(KnownElements.of) }
      set(parameter, type: argument?.type, elements: known)
    }
    callAttributes.append(given + defaults)
    infer(graph)
    callAttributes.removeLast()
    recordTypes(inFunction: graph)
    return model.outputs(of: graph).map { type(of: $0) }
  }

  /// Types inside a function are stored as far as all calls agree.
  private mutating func recordTypes(inFunction graph: GraphID) {
    record(model.inputs(of: graph))
    for node in model.nodes(of: graph) {
      record(model.outputs(of: node))
      for body in model.bodies(of: node) { recordTypes(inFunction: body) }
    }
  }

  private mutating func record(_ values: [ValueID]) {
    for value in values {
      let type = inferredType(of: value)
      if let common = typesInFunctions[value] {
        typesInFunctions[value] = .some(common.flatMap { common in type.flatMap(common.joined) })
      } else {
        typesInFunctions[value] = .some(type)
      }
    }
  }
}
