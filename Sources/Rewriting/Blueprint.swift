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
  var op: OperatorName
  var inputs: [Blueprint]
  var attributes: [Attribute]
  var output: Int
  var outputCount: Int
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

  private func blueprint(of node: NodeTerm) throws -> NodeBlueprint {
    let inputs = try node.inputs.flatMap { input -> [Blueprint] in
      guard case .variadic(let variadic) = input.kind else { return [try blueprint(of: input)] }
      return self[variadic].map { $0.map(Blueprint.value) ?? .absent }
    }
    let newest = NodeBlueprint(
      op: node.op, inputs: inputs, attributes: node.attributes.attributes, output: node.output,
      outputCount: node.outputCount)
    return try newest.lowered(for: self)
  }
}

extension NodeBlueprint {
  /// The same in the operator version that the model imports: constant inputs that this version keeps as
  /// attributes become those, and attributes that it does not know are dropped where they have the default.
  /// - Throws: `MatchFailure` where the version has no such operator.
  func lowered(for match: Match) throws -> NodeBlueprint {
    guard let newest = OperatorSchema.newest(op) else { return self }
    let version = match.model.opset(op.domain, in: match.model.graph(of: match.root))
    guard let version, let schema = OperatorSchema.lookup(op, opset: version), !schema.isDeprecated else {
      throw MatchFailure("\(op) is not in the operator set that the model imports")
    }
    var lowered = self
    while let last = lowered.inputs.last, case .absent = last { lowered.inputs.removeLast() }
    try lowered.turnInputsIntoAttributes(from: newest, to: schema, match)
    lowered.attributes = try lowered.attributes.filter { attribute in
      if schema.attribute(named: attribute.name) != nil { return true }
      guard newest.attribute(named: attribute.name)?.default?.isEqual(to: attribute.value) == true else {
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
      guard let name = newest.input(at: index)?.name, let attribute = schema.attribute(named: name),
        !schema.inputs.contains(where: { $0.name == name })
      else { continue }
      if let tensor = match.constant(inputs[index]) {
        attributes.append(Attribute(name, try attribute.kind.value(of: tensor)))
      } else if case .absent = inputs[index] {
      } else {
        throw MatchFailure("'\(name)' of \(op) must be constant in this version")
      }
      inputs.remove(at: index)
    }
  }
}

extension Match {
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
      if let value = tensor.scalarValue { return .float(Float(value)) }
    case .floats: return .floats(try tensor.doubles().map { Float($0) })
    case .tensor: return .tensor(NamedTensor(tensor))
    default: break
    }
    throw MatchFailure("\(tensor.type) does not fit an attribute of kind \(self)")
  }
}

extension AttributeValueOf where Body == Never {
  /// Whether a number, string or list is the same.
  func isEqual(to other: AttributeValue) -> Bool {
    switch (self, other) {
    case (.int(let a), .int(let b)): a == b
    case (.float(let a), .float(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.ints(let a), .ints(let b)): a == b
    case (.floats(let a), .floats(let b)): a == b
    default: false
    }
  }
}
