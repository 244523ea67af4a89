import TensorCore

extension Model {
  /// Edits the model; `author` is the rule or pass that the journal names for it.
  ///
  /// The rewriter takes the model over, so that the tables are edited in place, and gives it back also when
  /// `body` throws: what was edited until then stays edited, so throw before the first edit.
  public mutating func edit<Result>(
    as author: String, _ body: (inout Rewriter) throws -> Result
  ) rethrows -> Result {
    var rewriter = Rewriter(taking: self, author: author)
    self = Model.vacated
    do {
      let result = try body(&rewriter)
      self = rewriter.finish()
      return result
    } catch {
      self = rewriter.finish()
      throw error
    }
  }

  /// Stands in for a model while a rewriter holds it.
  private static let vacated = Model(header: ModelHeader(irVersion: 0, opsetImports: []))
}

/// The only editor of models. It keeps use lists, order and graph membership consistent, checks that
/// replacements fit, and records what it did.
public struct Rewriter: ~Copyable {
  public internal(set) var model: Model
  var entry: EditJournal.Entry

  init(taking model: consuming Model, author: String) {
    self.model = model
    entry = EditJournal.Entry(author: author)
  }

  consuming func finish() -> Model {
    if !entry.isEmpty {
      model.journal.append(entry)
    }
    return model
  }

  mutating func touch() {
    model.edition = .next()
  }

  mutating func noteChanged(_ node: NodeID) {
    touch()
    if !model.isTerminator(node), entry.changed.last != node { entry.changed.append(node) }
  }

  // MARK: Inserting

  /// A new node before `successor` (nil: at the end of `graph`).
  /// - Parameters:
  ///   - inputs: nil where an optional input is left out; all must be visible in the node's graph.
  ///   - outputs: the type of each output, as far as it is known.
  @discardableResult
  public mutating func insert(
    _ op: OperatorName, inputs: [ValueID?], outputs: [ValueType?], attributes: [Attribute] = [],
    name: String = "", before successor: NodeID
  ) -> NodeID {
    touch()
    let node = NodeID(index: model.nodes.count)
    let graph = model.nodes[successor].graph
    let firstOutput = UInt32(model.values.count)
    for (index, type) in outputs.enumerated() {
      _ = model.appendValue(
        .node(node, output: index), in: graph, name: "", type: type.map { AnnotatedType($0) })
    }
    _ = model.nodes.append(
      NodeRecord(
        op: model.intern(op), graph: graph, name: model.store(name: name), firstOperand: 0, operandCount: 0,
        firstOutput: firstOutput, outputCount: UInt32(outputs.count),
        attributes: model.store(attributes: attributes)))
    model.setOperands(of: node, to: inputs)
    model.link(node, before: successor)
    adoptBodies(of: node)
    entry.created.append(node)
    return node
  }

  /// A new node at the end of `graph`.
  @discardableResult
  public mutating func append(
    _ op: OperatorName, inputs: [ValueID?], outputs: [ValueType?], attributes: [Attribute] = [],
    name: String = "", to graph: GraphID
  ) -> NodeID {
    insert(
      op, inputs: inputs, outputs: outputs, attributes: attributes, name: name,
      before: model.graphs[graph].terminator)
  }

  /// A new constant that nodes of `graph` can read: an initializer of the main graph, or inside a function,
  /// where there are no initializers, a `Constant` node at its beginning.
  public mutating func addConstant(_ tensor: Tensor, name: String = "", in graph: GraphID) -> ValueID {
    touch()
    let root = model.root(of: graph)
    let type = AnnotatedType(.tensor(tensor.type))
    if case .function = model.graphs[root].kind {
      let node = insert(
        OperatorName("Constant"), inputs: [], outputs: [type.type],
        attributes: [Attribute("value", .tensor(NamedTensor(tensor)))], before: model.graphs[root].first)
      return model.outputs(of: node)[0]
    }
    // Before IR version 4 every initializer is an input as well, and constant nonetheless.
    let isInput = model.header.irVersion < 4
    let value = model.appendValue(
      isInput ? .input(root) : .initializer(root), in: root, name: name, type: type)
    model.values[value].constant = model.store(.dense(NamedTensor(tensor)))
    if isInput {
      model.graphs[root].inputs.append(value)
    } else {
      model.graphs[root].initializers.append(value)
    }
    return value
  }

  /// A new input of `graph`, after those that it has.
  public mutating func addInput(named name: String, type: ValueType?, to graph: GraphID) -> ValueID {
    touch()
    let value = model.appendValue(
      .input(graph), in: graph, name: name, type: type.map { AnnotatedType($0) })
    model.graphs[graph].inputs.append(value)
    return value
  }

  /// A new empty body, for the attributes of a node to be inserted.
  public mutating func addBody(named name: String) -> GraphID {
    touch()
    return model.appendGraph(kind: .body(owner: nil), name: name)
  }

  private mutating func adoptBodies(of node: NodeID) {
    for body in model.bodies(of: node) { model.graphs[body].kind = .body(owner: node) }
  }

  // MARK: Changing

  /// Makes one slot read another value.
  public mutating func set(_ operand: OperandID, to value: ValueID?) {
    model.set(operand, to: value)
    noteChanged(model.operands[operand].user)
  }

  public mutating func setInputs(of node: NodeID, to inputs: [ValueID?]) {
    model.setOperands(of: node, to: inputs)
    noteChanged(node)
  }

  public mutating func setAttributes(of node: NodeID, to attributes: [Attribute]) {
    model.nodes[node].attributes = model.store(attributes: attributes)
    adoptBodies(of: node)
    noteChanged(node)
  }

  /// Records what was found out about a type; this is no change of the model's meaning.
  public mutating func setType(of value: ValueID, to type: ValueType?) {
    let old = model.types[Int(model.values[value].type)]
    guard old?.type != type else { return }
    touch()
    let annotated = type.map {
      AnnotatedType(
        $0, denotation: old?.denotation ?? "", dimensionDenotations: old?.dimensionDenotations ?? [])
    }
    model.values[value].type = model.store(type: annotated)
  }

  /// Gives an initializer another tensor.
  public mutating func setConstant(_ value: ValueID, to tensor: Tensor) {
    touch()
    model.values[value].constant = model.store(.dense(NamedTensor(tensor)))
    model.values[value].type = model.store(type: AnnotatedType(.tensor(tensor.type)))
    for use in model.uses(of: value) { noteChanged(use.user) }
  }

  /// Lets a constant be backed by other storage of the same elements; this is no change of the model's meaning.
  public mutating func moveConstant(_ value: ValueID, to tensor: Tensor) {
    touch()
    model.values[value].constant = model.store(.dense(NamedTensor(tensor)))
  }

  public mutating func setName(of value: ValueID, to name: String) {
    touch()
    model.values[value].name = model.store(name: name)
  }

  public mutating func setName(of node: NodeID, to name: String) {
    touch()
    model.nodes[node].name = model.store(name: name)
  }

  public mutating func setHeader(_ header: ModelHeader) {
    touch()
    model.header = header
  }

  /// Makes `graph` return these values under these names.
  public mutating func setOutputs(of graph: GraphID, to outputs: [(name: String, value: ValueID)]) {
    touch()
    model.graphs[graph].outputNames = outputs.map(\.name)
    model.graphs[graph].outputAnnotations = outputs.map { _ in Annotations() }
    model.setOperands(of: model.graphs[graph].terminator, to: outputs.map(\.value))
  }

  /// Moves a node, with its bodies, to just before another, also from graph to graph. The caller keeps
  /// definitions before uses.
  public mutating func move(_ node: NodeID, before successor: NodeID) {
    guard node != successor else { return }
    let graph = model.graph(of: successor), isElsewhere = model.graph(of: node) != graph
    model.unlinkFromOrder(node)
    model.link(node, before: successor)
    guard isElsewhere else { return touch() }
    for output in model.outputs(of: node) { model.values[output].graph = graph }
    noteChanged(node)
  }
}
