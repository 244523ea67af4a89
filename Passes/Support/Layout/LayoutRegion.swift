import GraphIR
import Rewriting
import TensorCore

/// One of two orders of axes.
enum RegionLayout {
  case a, b

  var other: RegionLayout { self == .a ? .b : .a }
}

/// A value that a region has in one of two orders, or in both: its transpositions are other forms of it.
struct LayoutTensor {
  let root: ValueID
  /// Of the root.
  let layout: RegionLayout
  /// From the root to the other layout.
  let order: AxisOrder
  /// `Transpose` nodes that give the other form.
  let transposes: [NodeID]
}

/// A node that can compute in both layouts.
struct LayoutNode {
  let node: NodeID
  /// In which it does.
  let layout: RegionLayout
  let relayout: Relayout
}

/// What is connected to a `Transpose` by nodes that can compute with axes in either order.
struct LayoutRegion {
  struct Form {
    var tensor: Int
    var layout: RegionLayout
    /// To the other layout.
    var order: AxisOrder
  }

  let graph: GraphID
  private(set) var tensors: [LayoutTensor] = []
  private(set) var nodes: [LayoutNode] = []
  private(set) var forms: [ValueID: Form] = [:]
  private(set) var nodeIndices: [NodeID: Int] = [:]
  private var pending: [Int] = []

  /// Regions beyond this number of nodes end where they stand.
  private static let mostNodes = 4096

  /// - Parameter transpose: where to begin. Nil where nothing is known of its order.
  init?(around transpose: NodeID, in model: Model) {
    guard let source = model.input(0, of: transpose), let order = Self.order(of: transpose, in: model),
      !order.isIdentity, model.shape(of: source)?.rank == order.rank
    else { return nil }
    graph = model.graph(of: transpose)
    add(source, .a, order, in: model)
    while let tensor = pending.popLast() { visit(tensor, in: model) }
  }

  static func order(of transpose: NodeID, in model: Model) -> AxisOrder? {
    guard model.operatorName(of: transpose) == OperatorName("Transpose") else { return nil }
    return model.attribute("perm", of: transpose)?.ints.flatMap { AxisOrder($0.map { Int($0) }) }
  }

  // MARK: Values

  /// Adds a value with its forms; it may be a form of another itself.
  private mutating func add(_ value: ValueID, _ layout: RegionLayout, _ order: AxisOrder, in model: Model) {
    if let node = model.producer(of: value), model.graph(of: node) == graph,
      let forward = Self.order(of: node, in: model), forward == order.inverse,
      let source = model.input(0, of: node), forms[source] == nil, model.graph(of: source) == graph
    {
      addRoot(source, layout.other, forward, in: model)
    } else {
      addRoot(value, layout, order, in: model)
    }
  }

  private mutating func addRoot(_ root: ValueID, _ layout: RegionLayout, _ order: AxisOrder, in model: Model)
  {
    let transposes = model.users(of: root).filter { user in
      model.graph(of: user) == graph && Self.order(of: user, in: model) == order
        && forms[model.outputs(of: user)[0]] == nil
    }
    forms[root] = Form(tensor: tensors.count, layout: layout, order: order)
    for transpose in transposes {
      forms[model.outputs(of: transpose)[0]] = Form(
        tensor: tensors.count, layout: layout.other, order: order.inverse)
    }
    pending.append(tensors.count)
    tensors.append(LayoutTensor(root: root, layout: layout, order: order, transposes: transposes))
  }

  // MARK: Nodes

  /// Lets the tensor's producer and readers join.
  private mutating func visit(_ index: Int, in model: Model) {
    let tensor = tensors[index]
    if case .node(let producer, let output) = model.definition(of: tensor.root),
      model.graph(of: producer) == graph
    {
      join(producer, .output(output), tensor.layout, tensor.order, in: model)
    }
    for value in [tensor.root] + tensor.transposes.map({ model.outputs(of: $0)[0] }) {
      guard let form = forms[value], form.tensor == index else { continue }
      for use in model.uses(of: value).reversed() where model.graph(of: use.user) == graph {
        guard !model.isTerminator(use.user), !tensor.transposes.contains(use.user) else { continue }
        join(use.user, .input(use.index), form.layout, form.order, in: model)
      }
    }
  }

  private mutating func join(
    _ node: NodeID, _ slot: LayoutFreedom.Slot, _ layout: RegionLayout, _ order: AxisOrder, in model: Model
  ) {
    guard nodeIndices[node] == nil, nodes.count < Self.mostNodes,
      let relayout = LayoutFreedom.relayout(node, slot, by: order, in: model),
      let new = carried(by: node, relayout, layout, in: model)
    else { return }
    nodeIndices[node] = nodes.count
    nodes.append(LayoutNode(node: node, layout: layout, relayout: relayout))
    for (value, order) in new where forms[value] == nil { add(value, layout, order, in: model) }
  }

  /// What the node reads and gives in the layout; nil where a value is known to be in another.
  private func carried(
    by node: NodeID, _ relayout: Relayout, _ layout: RegionLayout, in model: Model
  ) -> [(value: ValueID, order: AxisOrder)]? {
    let inputs = zip(model.inputs(of: node), relayout.inputs)
    let outputs = zip(model.outputs(of: node).map(Optional.some), relayout.outputs)
    var orders: [ValueID: AxisOrder] = [:]
    var result: [(value: ValueID, order: AxisOrder)] = []
    for (value, order) in Array(inputs) + Array(outputs) {
      guard let value, let order, !model.isOmitted(value) else { continue }
      if let form = forms[value], form.layout != layout || form.order != order { return nil }
      if let known = orders[value], known != order { return nil }
      guard orders.updateValue(order, forKey: value) == nil else { continue }
      result.append((value: value, order: order))
    }
    return result
  }

  // MARK: Reading

  /// How many tensors are transposed.
  var transposeCount: Int { tensors.count { !$0.transposes.isEmpty } }

  /// The node of the region that reads the use in its layout; nil for others, which read what they do.
  func reader(_ use: Use) -> Int? {
    guard let index = nodeIndices[use.user], use.index < nodes[index].relayout.inputs.count,
      nodes[index].relayout.inputs[use.index] != nil
    else { return nil }
    return index
  }

  /// The node of the region that gives the tensor in its layout.
  func producer(of tensor: LayoutTensor, in model: Model) -> Int? {
    guard case .node(let node, let output) = model.definition(of: tensor.root),
      let index = nodeIndices[node], output < nodes[index].relayout.outputs.count,
      nodes[index].relayout.outputs[output] != nil
    else { return nil }
    return index
  }
}
