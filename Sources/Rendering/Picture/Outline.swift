import GraphIR

/// Something of a model that has a place in its picture.
enum Item: Hashable {
  case node(NodeID)
  case input(ValueID)
  case output(GraphID, index: Int)
  /// A constant that a graph returns as it is.
  case constant(ValueID, in: GraphID)
}

/// What a model's picture is made of: the main graph and the bodies inside it, without the constants that
/// nodes read. (Functions are not drawn; their callers are.)
struct Outline {
  /// Outer graphs before the bodies inside them.
  private(set) var bodies: [Body] = []
  private(set) var entries: [Entry] = []
  private(set) var links: [Link] = []
  private(set) var outputs: [GraphID: Outputs] = [:]

  /// What a graph returns.
  struct Outputs {
    let values: [ValueID]
    let names: [String]
    let positions: [String: Int]

    init(of graph: GraphID, in model: Model) {
      values = model.outputs(of: graph)
      names = model.outputNames(of: graph)
      positions = Dictionary(
        names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
  }

  struct Body {
    var graph: GraphID
    var owner: NodeID
    /// As in `then_branch`.
    var label: String
  }

  struct Entry {
    var item: Item
    var graph: GraphID
  }

  struct Link {
    var tail: Item
    var head: Item
    /// Which of the tail's outputs.
    var output: Int
    var value: ValueID
    var isResult = false
  }

  /// Bodies nested deeper than this are left out: nobody could read them.
  static let depthLimit = 12

  init(_ model: Model) {
    add(model.mainGraph, of: model, depth: 0)
  }

  private mutating func add(_ graph: GraphID, of model: Model, depth: Int) {
    for input in model.inputs(of: graph) where model.constant(input) == nil {
      entries.append(Entry(item: .input(input), graph: graph))
    }
    for node in model.nodes(of: graph) where !model.isFoldedConstant(node) {
      add(node, of: model, depth: depth)
    }
    let outputs = Outputs(of: graph, in: model)
    self.outputs[graph] = outputs
    for (index, value) in outputs.values.enumerated() {
      let output = Item.output(graph, index: index)
      if model.isFoldedConstant(value) {
        entries.append(Entry(item: .constant(value, in: graph), graph: graph))
        links.append(Link(tail: .constant(value, in: graph), head: output, output: 0, value: value))
      } else {
        links.append(link(from: value, to: output, in: model))
      }
      entries.append(Entry(item: output, graph: graph))
    }
  }

  private mutating func add(_ node: NodeID, of model: Model, depth: Int) {
    for attribute in model.attributes(of: node) where depth < Self.depthLimit {
      for (index, body) in attribute.value.bodies.enumerated() {
        let number = attribute.value.bodies.count > 1 ? "[\(index)]" : ""
        bodies.append(Body(graph: body, owner: node, label: attribute.name + number))
        add(body, of: model, depth: depth + 1)
        for (index, value) in model.outputs(of: body).enumerated() {
          let output = Item.output(body, index: index)
          links.append(Link(tail: output, head: .node(node), output: 0, value: value, isResult: true))
        }
      }
    }
    for value in model.inputs(of: node) {
      guard let value, !model.isFoldedConstant(value) else { continue }
      links.append(link(from: value, to: .node(node), in: model))
    }
    entries.append(Entry(item: .node(node), graph: model.graph(of: node)))
  }

  private func link(from value: ValueID, to head: Item, in model: Model) -> Link {
    switch model.definition(of: value) {
    case .node(let node, let output): Link(tail: .node(node), head: head, output: output, value: value)
    case .input, .initializer: Link(tail: .input(value), head: head, output: 0, value: value)
    }
  }
}

extension Model {
  /// Whether pictures show the value inside the nodes that read it.
  func isFoldedConstant(_ value: ValueID) -> Bool {
    if case .initializer = definition(of: value) { return true }
    return constant(value) != nil
  }

  /// Whether the node does nothing but hold such a value.
  func isFoldedConstant(_ node: NodeID) -> Bool {
    outputCount(of: node) == 1 && isFoldedConstant(outputs(of: node)[0])
  }
}

extension Model {
  /// The node's name, and those of its results.
  func pictureNames(of node: NodeID) -> [String] {
    let results = outputs(of: node).filter { !isOmitted($0) }.map { name(of: $0) }
    return ([name(of: node)] + results).filter { !$0.isEmpty }
  }

  /// Whatever `RenderOptions.Window.around` can be round, in order.
  public var pictureNames: [String] {
    let outline = Outline(self)
    let labeller = NodeLabeller(model: self, outputs: outline.outputs, options: RenderOptions())
    return outline.entries.flatMap { labeller.names(of: $0.item) }
  }
}
