import GraphIR
import TensorCore

/// One pass of inference over a model, which it only reads: what it finds out lies over the declared types.
struct InferenceWalk {
  let model: Model
  /// Whether sizes that are not inferred are taken from the model's declarations.
  private let trustsDeclaredTypes: Bool
  private let functions: [OperatorName: FunctionID]
  private var types: [ValueID: ValueType?] = [:]
  private(set) var elements: [ValueID: [Dimension]] = [:]
  /// Single real numbers that are not whole.
  private var ratios: [ValueID: Ratio] = [:]
  private(set) var findings: [InferenceFinding] = []
  /// What the types of a function's values have in common over all calls.
  var typesInFunctions: [ValueID: ValueType?] = [:]
  /// The attributes of the calls that lead to the current graph.
  var callAttributes: [[Attribute]] = []
  private var remainingVisits: Int

  init(of model: Model, trustsDeclaredTypes: Bool) {
    self.model = model
    self.trustsDeclaredTypes = trustsDeclaredTypes
    functions = Dictionary(
      model.functions.map { (model.name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    remainingVisits = model.nodeCapacity * InferenceLimits.visitsPerNode
  }

  mutating func inferAll() {
    infer(model.mainGraph)
  }

  mutating func infer(_ graph: GraphID) {
    var next = model.firstNode(of: graph)
    while let node = next {
      infer(node)
      next = model.node(after: node)
    }
  }

  mutating func infer(_ node: NodeID) {
    let op = model.operatorName(of: node)
    guard remainingVisits > 0 else {
      return store(model.outputs(of: node).map { _ in nil }, as: node)
    }
    remainingVisits -= 1
    if let function = functions[op] {
      store(inferCall(of: function, by: node), as: node)
    } else if op.isStandard, let kind = ControlFlow(op.name), !model.bodies(of: node).isEmpty {
      store(infer(kind, node), as: node)
      if kind == .conditional { propagateElements(ofConditional: node) }
    } else {
      let context = context(of: node, op)
      // Of operators that run them in ways that are not followed: what their parameters declare holds.
      for body in model.bodies(of: node) { infer(body) }
      store(OperatorInference.outputTypes(context), as: node)
      propagateElements(context, to: node)
    }
  }

  private func context(of node: NodeID, _ op: OperatorName) -> InferenceContext {
    let version = model.opset(op.domain, in: model.graph(of: node))
    return InferenceContext(
      op: op, opset: version ?? OperatorSchema.newestOpset(domain: op.domain) ?? 1,
      attributes: attributes(of: node),
      inputs: model.inputs(of: node).map { value in value.map { input($0) } },
      outputCount: model.outputCount(of: node))
  }

  func input(_ value: ValueID) -> InferenceInput {
    InferenceInput(
      type: type(of: value), constant: model.constant(value), elements: elements[value], ratio: ratios[value])
  }

  func knownElements(of value: ValueID) -> [Dimension]? {
    elements[value] ?? model.constant(value).flatMap(KnownElements.of)
  }
}

// MARK: Types

extension InferenceWalk {
  func type(of value: ValueID) -> ValueType? {
    if let known = types[value] { return known }
    return model.type(of: value) ?? model.denseTensor(of: value).map { .tensor($0.type) }
  }

  /// What this walk found out; nil for values that it did not reach.
  func inferredType(of value: ValueID) -> ValueType? { types[value] ?? nil }

  mutating func set(_ value: ValueID, type: ValueType?, elements known: [Dimension]?) {
    types[value] = .some(type)
    elements[value] = known
    ratios[value] = nil
  }

  private mutating func store(_ inferred: [ValueType?], as node: NodeID) {
    for (index, value) in model.outputs(of: node).enumerated() where !model.isOmitted(value) {
      let type = index < inferred.count ? inferred[index] : nil
      set(value, type: reconciled(type, with: model.type(of: value), of: value, node), elements: nil)
    }
  }

  /// The inferred type, completed by what the model declares where that may be relied on.
  private mutating func reconciled(
    _ inferred: ValueType?, with declared: ValueType?, of value: ValueID, _ node: NodeID
  ) -> ValueType? {
    // Declarations inside functions stand for all calls, not for this one.
    guard trustsDeclaredTypes, callAttributes.isEmpty, let declared else { return inferred }
    guard let inferred else { return declared }
    guard inferred.contradicts(declared) else { return inferred.completed(by: declared) }
    let message = "declares '\(model.label(of: value))' as \(declared), but computes \(inferred)"
    let finding = InferenceFinding(node: node, label: model.label(of: node), message: message)
    if findings.last != finding { findings.append(finding) }
    return inferred
  }

  /// Types that differ from those in the model, in order of the values' handles.
  var changes: [(value: ValueID, type: ValueType)] {
    types.merging(typesInFunctions) { _, common in common }
      .compactMap { value, type in type.map { (value: value, type: $0) } }
      .filter { $0.type != model.type(of: $0.value) }
      .sorted { $0.value < $1.value }
  }
}

// MARK: Elements

extension InferenceWalk {
  private mutating func propagateElements(_ context: InferenceContext, to node: NodeID) {
    let outputs = model.outputs(of: node)
    if context.op == OperatorName("Split") {
      let parts = ElementPropagation.split(context, into: outputs.map { type(of: $0)?.shape })
      for (value, part) in zip(outputs, parts) where !model.isOmitted(value) { set(part, as: value) }
    } else if let value = model.output(0, of: node), let type = type(of: value),
      KnownElements.arePossible(type)
    {
      set(ElementPropagation.elements(context), as: value)
      if type.elementType?.isFloatingPoint == true { ratios[value] = ElementPropagation.ratio(context) }
    }
  }

  mutating func set(_ known: [Dimension]?, as value: ValueID) {
    guard let known, let type = type(of: value), KnownElements.arePossible(type),
      known.count <= KnownElements.maximumCount, known.contains(where: { !$0.isUnknown })
    else { return }
    // Elements that do not fill the type come from a model that contradicts itself.
    if let count = type.shape?.elementCount.fixedSize, count != known.count { return }
    elements[value] = known
    if type.shape?.rank == 1, type.shape?.fixedSizes == nil {
      types[value] = type.elementType.map { .tensor($0, Shape(fixed: [known.count])) }
    }
  }
}
