import GraphIR

/// The data flow of one graph as a directed acyclic graph whose vertices are nodes and values, with the trees
/// of its dominators and post-dominators.
///
/// Data are not: constants, what is computed from constants alone, what depends on data through its shape alone
/// (`Shape`, `Size`), and side inputs. Dominators are those of the flow of data. There are two trees of
/// post-dominators, since readers by way of shapes keep a value alive, too.
struct DataFlow {
  enum Vertex {
    case source
    case node(NodeID)
    case value(ValueID)
  }

  let model: Model
  let graph: GraphID
  /// In topological order, the source first.
  private(set) var vertices: [Vertex] = [.source]
  /// Where data comes from; none for vertices that carry no data.
  private(set) var predecessors: [[Int]] = [[]]
  private var successors: [[Int]] = [[]]
  private var vertexOfValue: [ValueID: Int] = [:]
  private var vertexOfNode: [NodeID: Int] = [:]
  private let sideInputs: Set<ValueID>
  private var dominators = AncestorTree(root: 0, capacity: 1)
  private var dataPostDominators = AncestorTree(root: 0, capacity: 1)
  private var postDominators = AncestorTree(root: 0, capacity: 1)

  init(of graph: GraphID, in model: Model, sideInputs: Set<ValueID>) {
    self.model = model
    self.graph = graph
    self.sideInputs = sideInputs
    for value in model.inputs(of: graph) where model.constant(value) == nil { addSource(value) }
    for node in model.nodes(of: graph) { add(node) }
    findDominators()
    findPostDominators()
  }

  // MARK: Reading

  /// Nil for constants and for values of other graphs.
  func vertex(of value: ValueID) -> Int? { vertexOfValue[value] }

  func vertex(of node: NodeID) -> Int? { vertexOfNode[node] }

  func node(at vertex: Int) -> NodeID? {
    if case .node(let node) = vertices[vertex] { node } else { nil }
  }

  func value(at vertex: Int) -> ValueID? {
    if case .value(let value) = vertices[vertex] { value } else { nil }
  }

  func carriesData(_ vertex: Int) -> Bool { dominators.contains(vertex) }

  /// Readers, by their vertices; the sink for each time that the graph returns the value.
  func readers(of vertex: Int) -> [Int] { successors[vertex] }

  /// Whether data of `other` reaches the graph's outputs through `vertex` only.
  func dataPostDominates(_ vertex: Int, _ other: Int) -> Bool {
    dataPostDominators.isAncestor(vertex, of: other)
  }

  /// Whether everything that `other` computes reaches the graph's outputs through `vertex` only, by data and by
  /// shapes.
  func postDominates(_ vertex: Int, _ other: Int) -> Bool {
    postDominators.isAncestor(vertex, of: other)
  }

  /// The first vertex through which everything goes that `vertices` compute; nil where they compute nothing
  /// that is returned.
  func commonPostDominator(of vertices: [Int]) -> Int? {
    let live = vertices.filter { postDominators.contains($0) }
    guard let first = live.first else { return nil }
    return live.dropFirst().reduce(first) { postDominators.commonAncestor($0, $1) }
  }

  /// The nearest value through which all data flows that reaches `vertex`, not counting itself.
  func dominatingValue(of vertex: Int) -> Int? {
    var current = dominators.parent(of: vertex)
    while let candidate = current, value(at: candidate) == nil { current = dominators.parent(of: candidate) }
    return current
  }

  /// The nearest value through which all data flows that reaches any of `vertices`; it may be one of them.
  func commonDominatingValue(of vertices: [Int]) -> Int? {
    guard let first = vertices.first else { return nil }
    let common = vertices.dropFirst().reduce(first) { dominators.commonAncestor($0, $1) }
    return value(at: common) != nil ? common : dominatingValue(of: common)
  }

  // MARK: Building

  private mutating func append(_ vertex: Vertex, after predecessors: [Int]) -> Int {
    vertices.append(vertex)
    successors.append([])
    self.predecessors.append(predecessors)
    return vertices.count - 1
  }

  private mutating func addSource(_ value: ValueID) {
    vertexOfValue[value] = append(.value(value), after: sideInputs.contains(value) ? [] : [0])
  }

  private mutating func add(_ node: NodeID) {
    let operands = model.operandsWithCaptures(of: node).filter { model.isComputed($0) }
    // Bodies read values of the graphs around them.
    for value in operands where vertexOfValue[value] == nil { addSource(value) }
    let inputs = operands.compactMap { vertexOfValue[$0] }
    var data = model.isShapeQuery(node) ? [] : inputs.filter { !predecessors[$0].isEmpty }
    if model.isRandom(node), data.isEmpty { data = [0] }
    let vertex = append(.node(node), after: data)
    vertexOfNode[node] = vertex
    for input in inputs { successors[input].append(vertex) }
    for output in model.outputs(of: node) where !model.isOmitted(output) {
      vertexOfValue[output] = append(.value(output), after: data.isEmpty ? [] : [vertex])
      successors[vertex].append(vertices.count - 1)
    }
  }

  /// In a graph without cycles, the immediate dominator is the nearest common ancestor of all predecessors.
  private mutating func findDominators() {
    dominators = AncestorTree(root: 0, capacity: vertices.count)
    for vertex in vertices.indices.dropFirst() {
      guard let first = predecessors[vertex].first else { continue }
      let parent = predecessors[vertex].dropFirst().reduce(first) { dominators.commonAncestor($0, $1) }
      dominators.add(vertex, below: parent)
    }
  }

  private mutating func findPostDominators() {
    let sink = vertices.count
    var dataSuccessors = [[Int]](repeating: [], count: sink)
    for vertex in vertices.indices {
      for previous in predecessors[vertex] { dataSuccessors[previous].append(vertex) }
    }
    for vertex in model.outputs(of: graph).compactMap({ vertexOfValue[$0] }) {
      successors[vertex].append(sink)
      if carriesData(vertex) { dataSuccessors[vertex].append(sink) }
    }
    postDominators = Self.postDominators(successors)
    dataPostDominators = Self.postDominators(dataSuccessors)
  }

  /// As dominators, from the graph's outputs backwards. Vertices that reach none are left out.
  private static func postDominators(_ successors: [[Int]]) -> AncestorTree {
    let sink = successors.count
    var tree = AncestorTree(root: sink, capacity: sink + 1)
    for vertex in successors.indices.dropFirst().reversed() {
      let targets = successors[vertex].filter { tree.contains($0) }
      guard let first = targets.first else { continue }
      tree.add(vertex, below: targets.dropFirst().reduce(first) { tree.commonAncestor($0, $1) })
    }
    return tree
  }
}

extension Model {
  fileprivate func operandsWithCaptures(of node: NodeID) -> [ValueID] {
    let operands = inputs(of: node).compactMap { $0 }
    return bodies(of: node).isEmpty ? operands : operands + captures(of: node)
  }

  /// Whether a node or a caller gives the value, rather than the file.
  fileprivate func isComputed(_ value: ValueID) -> Bool {
    if case .initializer = definition(of: value) { return false }
    return constant(value) == nil
  }

  fileprivate func isShapeQuery(_ node: NodeID) -> Bool {
    let op = operatorName(of: node)
    return op.isStandard && (op.name == "Shape" || op.name == "Size")
  }

  /// Whether results differ from run to run although the inputs do not.
  fileprivate func isRandom(_ node: NodeID) -> Bool {
    let op = operatorName(of: node)
    return op.isStandard
      && (op.name.hasPrefix("Random") || op.name == "Multinomial" || op.name == "Bernoulli")
  }
}
