import TensorCore

extension Model {
  // MARK: Graphs

  /// The main graph, all bodies that are in use, and the graphs of functions, in order of creation.
  public var allGraphs: [GraphID] {
    (0..<graphs.count).map(GraphID.init(index:)).filter { !graphs[$0].isErased }
  }

  public func kind(of graph: GraphID) -> GraphKind { graphs[graph].kind }

  public func name(of graph: GraphID) -> String { graphs[graph].name }

  public func inputs(of graph: GraphID) -> [ValueID] { graphs[graph].inputs }

  public func outputNames(of graph: GraphID) -> [String] { graphs[graph].outputNames }

  /// The values that the graph returns, one for each of `outputNames`.
  public func outputs(of graph: GraphID) -> [ValueID] {
    nodes[graphs[graph].terminator].operands.compactMap { operands[OperandID(rawValue: $0)].value }
  }

  public func initializers(of graph: GraphID) -> [ValueID] {
    graphs[graph].initializers.filter { !values[$0].isErased }
  }

  /// The graph around a body; nil for the main graph and functions.
  public func parent(of graph: GraphID) -> GraphID? {
    guard case .body(let owner?) = graphs[graph].kind else { return nil }
    return nodes[owner].graph
  }

  /// The main graph or the function's graph that `graph` lies in.
  public func root(of graph: GraphID) -> GraphID {
    var graph = graph
    while let parent = parent(of: graph) { graph = parent }
    return graph
  }

  // MARK: Nodes

  /// The nodes of a graph in order, without those of inner bodies.
  public func nodes(of graph: GraphID) -> [NodeID] {
    var result: [NodeID] = []
    var next = firstNode(of: graph)
    while let node = next {
      result.append(node)
      next = self.node(after: node)
    }
    return result
  }

  public func firstNode(of graph: GraphID) -> NodeID? {
    let first = graphs[graph].first
    return first == graphs[graph].terminator ? nil : first
  }

  public func node(after node: NodeID) -> NodeID? {
    guard let next = nodes[node].next, !isTerminator(next) else { return nil }
    return next
  }

  public func node(before node: NodeID) -> NodeID? { nodes[node].previous }

  /// All nodes of all graphs, the terminators left out.
  public var allNodes: [NodeID] { allGraphs.flatMap { nodes(of: $0) } }

  public func isErased(_ node: NodeID) -> Bool { nodes[node].isErased }

  /// Whether `node` stands for a graph's outputs. Such nodes turn up as users of values only.
  public func isTerminator(_ node: NodeID) -> Bool { nodes[node].op.rawValue == 0 }

  public func operatorName(of node: NodeID) -> OperatorName { operators[nodes[node].op] }

  public func operatorID(of node: NodeID) -> OperatorID { nodes[node].op }

  public func operatorName(_ id: OperatorID) -> OperatorName { operators[id] }

  /// How many operators have handles: those of all nodes that there are and were.
  public var namedOperatorCount: Int { operators.count }

  public func name(of node: NodeID) -> String { names[Int(nodes[node].name)] }

  /// What exporters note at the node: documentation, metadata.
  public func annotations(of node: NodeID) -> Annotations {
    annotations[Int(nodes[node].annotations)].annotations
  }

  public func graph(of node: NodeID) -> GraphID { nodes[node].graph }

  /// For messages: `'conv1' (Conv)`.
  public func label(of node: NodeID) -> String {
    let name = name(of: node)
    let shown = name.isEmpty ? outputs(of: node).first.map { "→ " + label(of: $0) } ?? "\(node)" : "'\(name)'"
    return "\(shown) (\(operatorName(of: node)))"
  }

  public func inputCount(of node: NodeID) -> Int { Int(nodes[node].operandCount) }

  /// The value that the node reads at `index`; nil where it is left out or there are fewer inputs.
  public func input(_ index: Int, of node: NodeID) -> ValueID? {
    let record = nodes[node]
    guard index >= 0, index < Int(record.operandCount) else { return nil }
    return operands[OperandID(rawValue: record.firstOperand + UInt32(index))].value
  }

  public func inputs(of node: NodeID) -> [ValueID?] {
    nodes[node].operands.map { operands[OperandID(rawValue: $0)].value }
  }

  public func operands(of node: NodeID) -> [OperandID] {
    nodes[node].operands.map(OperandID.init(rawValue:))
  }

  /// All outputs, in order, with those that the node leaves out (`isOmitted`).
  public func outputs(of node: NodeID) -> [ValueID] {
    nodes[node].outputs.map(ValueID.init(rawValue:))
  }

  public func outputCount(of node: NodeID) -> Int { Int(nodes[node].outputCount) }

  /// The output at `index`; nil where it is left out or there are fewer outputs.
  public func output(_ index: Int, of node: NodeID) -> ValueID? {
    let record = nodes[node]
    guard index >= 0, index < Int(record.outputCount) else { return nil }
    let value = ValueID(rawValue: record.firstOutput + UInt32(index))
    return values[value].isOmitted ? nil : value
  }

  public func attributes(of node: NodeID) -> [Attribute] { attributeLists[Int(nodes[node].attributes)] }

  public func attribute(_ name: String, of node: NodeID) -> AttributeValue? {
    attributes(of: node).first { $0.name == name }?.value
  }

  /// The bodies that the node's attributes hold.
  public func bodies(of node: NodeID) -> [GraphID] {
    attributes(of: node).flatMap(\.value.bodies)
  }

  // MARK: Functions

  public var functions: [FunctionID] {
    (0..<functionTable.count).map(FunctionID.init(index:)).filter { !functionTable[$0].isErased }
  }

  public func name(of function: FunctionID) -> OperatorName { functionTable[function].id }

  public func graph(of function: FunctionID) -> GraphID { functionTable[function].graph }

  /// The function that nodes with this operator call, if the model defines it. O(1).
  public func function(named name: OperatorName) -> FunctionID? { functionIDs[name] }

  /// The version of `domain`'s operators that nodes of `graph` mean; nil where none is imported.
  public func opset(_ domain: String, in graph: GraphID) -> Int? {
    guard case .function(let function) = graphs[root(of: graph)].kind else { return header.opset(domain) }
    let domain = OperatorName.canonical(domain: domain)
    return functionTable[function].opsetImports.first { $0.domain == domain }?.version
  }
}
