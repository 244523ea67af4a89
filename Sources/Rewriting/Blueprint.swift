import GraphAnalysis
import GraphIR
import TensorCore

/// A replacement with every variable resolved: what to build, without a model in it.
indirect enum Blueprint: Sendable {
  case value(ValueID)
  case tensor(Tensor)
  case absent
  case node(NodeBlueprint)
}

struct NodeBlueprint: Sendable {
  /// The matched node whose name it inherits, if that node goes: one with the same operator, or the root.
  var origin: NodeID
  var op: OperatorName
  var inputs: [Blueprint]
  var attributes: [Attribute]
  var output: Int
  var outputCount: Int
  /// What is known of the outputs' types.
  var types: [ValueType?] = []
}

extension Match {
  /// Resolves a term of the right side.
  func blueprint(of term: Term) throws -> Blueprint {
    switch term.kind {
    case .variable(let variable): return .value(try self[variable])
    case .constant(let constant):
      return .value(try unwrap(bindings.values[constant.name], "\(constant.name) is unbound"))
    case .optionalConstant(let constant):
      return bindings.values[constant.name].map(Blueprint.value) ?? .absent
    case .value(let value): return .value(value)
    case .tensor(let tensor): return .tensor(tensor)
    case .absent: return .absent
    case .node(let node): return .node(try blueprint(of: node))
    case .number, .variadic, .either:
      throw MatchFailure("a number, a list or an alternative cannot stand on the right of a rewrite")
    }
  }

  private func matchedNode(with op: OperatorName) -> NodeID? {
    bindings.nodes.values.filter { model.operatorName(of: $0) == op }.min()
  }

  private func blueprint(of node: NodeTerm) throws -> NodeBlueprint {
    let inputs = try node.inputs.flatMap { input -> [Blueprint] in
      guard case .variadic(let variadic) = input.kind else { return [try blueprint(of: input)] }
      return self[variadic].map { $0.map(Blueprint.value) ?? .absent }
    }
    let newest = NodeBlueprint(
      origin: matchedNode(with: node.op) ?? root, op: node.op, inputs: inputs,
      attributes: node.attributes.attributes, output: node.output, outputCount: node.outputCount)
    var lowered = try newest.lowered(for: self)
    lowered.types = types(of: lowered)
    return lowered
  }

  private func types(of node: NodeBlueprint) -> [ValueType?] {
    let unknown = [ValueType?](repeating: nil, count: node.outputCount)
    guard let version = version(of: node.op) else { return unknown }
    let types = ShapeInference.outputTypes(
      of: node.op, opset: version, attributes: node.attributes, inputs: node.inputs.map(inferenceInput),
      outputCount: node.outputCount)
    return Array((types + unknown).prefix(node.outputCount))
  }

  private func inferenceInput(_ blueprint: Blueprint) -> InferenceInput? {
    if case .absent = blueprint { return nil }
    return InferenceInput(type: type(of: blueprint), constant: constant(blueprint))
  }

  /// What is known of the type that the blueprint's value will have.
  func type(of blueprint: Blueprint) -> ValueType? {
    switch blueprint {
    case .absent: nil
    case .value(let value): model.type(of: value)
    case .tensor(let tensor): .tensor(tensor.type)
    case .node(let node): node.types[node.output]
    }
  }
}

extension NodeBlueprint {
  /// The same in the operator version that the model imports: constant inputs that this version keeps as
  /// attributes become those, and attributes that it does not know are dropped where they have the default.
  /// - Throws: `MatchFailure` where the version has no such operator.
  func lowered(for match: Match) throws -> NodeBlueprint {
    guard let newest = OperatorSchema.newest(op) else { return self }
    guard let version = match.version(of: op), let schema = OperatorSchema.lookup(op, opset: version),
      !schema.isDeprecated
    else {
      throw MatchFailure("\(op) is not in the operator set that the model imports")
    }
    guard
      schema.attribute(named: "broadcast") == nil || newest.attribute(named: "broadcast") != nil
        || attributes.contains(where: { $0.name == "broadcast" })
    else { throw MatchFailure("\(op) does not broadcast by itself in version \(version)") }
    var lowered = self
    while let last = lowered.inputs.last, case .absent = last { lowered.inputs.removeLast() }
    try lowered.turnInputsIntoAttributes(from: newest, to: schema, match)
    lowered.attributes = try lowered.attributes.filter { attribute in
      if schema.attribute(named: attribute.name) != nil { return true }
      guard newest.attribute(named: attribute.name)?.defaultValue?.isIdentical(to: attribute.value) == true
      else {
        throw MatchFailure("\(op) has no '\(attribute.name)' in version \(version)")
      }
      return false
    }
    guard schema.inputCounts.contains(lowered.inputs.count) else {
      throw MatchFailure("\(op) takes no \(lowered.inputs.count) inputs in version \(version)")
    }
    return lowered
  }

  private mutating func turnInputsIntoAttributes(
    from newest: OperatorSchema, to schema: OperatorSchema, _ match: Match
  ) throws {
    for index in inputs.indices.reversed() {
      guard let name = newest.input(at: index)?.name, !schema.inputs.contains(where: { $0.name == name }),
        let attribute = op.attributeNames(ofInput: name).lazy.compactMap({ schema.attribute(named: $0) })
          .first
      else { continue }
      if let tensor = match.constant(inputs[index]) {
        attributes.append(Attribute(attribute.name, try attribute.kind.value(of: tensor)))
      } else if case .absent = inputs[index] {
      } else {
        throw MatchFailure("'\(name)' of \(op) must be constant in this version")
      }
      inputs.remove(at: index)
    }
  }
}

extension Match {
  /// The version of the operator that a new node has: of the operator set that the model imports, and of the newest
  /// one where it imports none of a domain other than the standard's.
  fileprivate func version(of op: OperatorName) -> Int? {
    model.opset(op.domain, in: model.graph(of: root))
      ?? (op.domain.isEmpty ? nil : OperatorSchema.newestOpset(domain: op.domain))
  }

  func constant(_ blueprint: Blueprint) -> Tensor? {
    switch blueprint {
    case .tensor(let tensor): tensor
    case .value(let value): model.constant(value)
    default: nil
    }
  }
}

extension AttributeKind {
  /// A constant input's tensor as an attribute of this kind.
  fileprivate func value(of tensor: Tensor) throws -> AttributeValue {
    switch self {
    case .ints: return .ints(try tensor.integers().map(Int64.init))
    case .int:
      if let value = try tensor.integers().first, tensor.elementCount == 1 { return .int(Int64(value)) }
    case .float:
      if let value = tensor.scalarValue, isFloat(value) { return .float(Float(value)) }
    case .floats:
      let values = try tensor.doubles()
      if values.allSatisfy(isFloat) { return .floats(values.map { Float($0) }) }
    case .tensor: return .tensor(NamedTensor(tensor))
    default: break
    }
    throw MatchFailure("\(tensor.type) does not fit an attribute of kind \(self)")
  }

  /// Whether a 32-bit attribute keeps the number; what NaNs carry does not count.
  private func isFloat(_ value: Double) -> Bool { value.isNaN || Double(Float(value)) == value }
}
