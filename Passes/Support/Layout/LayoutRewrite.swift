import GraphIR
import TensorCore

/// Rebuilds the nodes of a region that change their layout.
struct LayoutRewrite {
  private struct Key: Hashable {
    var tensor: Int
    var layout: RegionLayout
  }

  let region: LayoutRegion
  let isChanged: [Bool]
  /// Constants in another order, made before anything is edited.
  private var constants: [[Int: Tensor]] = []
  /// What stands for a tensor in a layout by now.
  private var forms: [Key: ValueID] = [:]
  /// By tensor, whether its producer changed.
  private var isMoved: [Bool]

  /// - Throws: `TensorError` where a constant cannot be brought into another order.
  init(_ region: LayoutRegion, changing isChanged: [Bool], in model: Model) throws {
    self.region = region
    self.isChanged = isChanged
    isMoved = region.tensors.map { region.producer(of: $0, in: model).map { isChanged[$0] } ?? false }
    for (index, tensor) in region.tensors.enumerated() where !isMoved[index] {
      forms[Key(tensor: index, layout: tensor.layout)] = tensor.root
    }
    constants = try zip(region.nodes, isChanged).map { node, isChanged in
      isChanged ? try Self.constants(of: node, in: model) : [:]
    }
  }

  private static func constants(of node: LayoutNode, in model: Model) throws -> [Int: Tensor] {
    var result = node.relayout.replaced
    for (index, order) in node.relayout.reordered.sorted(by: { $0.key < $1.key }) {
      guard let value = model.input(index, of: node.node) else { continue }
      result[index] = try model.reordered(value, by: order)
    }
    return result
  }

  /// - Parameter order: the nodes of the region in the order of the graph.
  mutating func apply(in order: [Int], with rewriter: inout Rewriter) {
    let changed = order.filter { isChanged[$0] }
    for index in changed { rebuild(index, with: &rewriter) }
    let gone = Set(changed.map { region.nodes[$0].node } + region.tensors.flatMap(\.transposes))
    for index in region.tensors.indices { redirect(index, gone, with: &rewriter) }
    for index in changed.reversed() { rewriter.eraseIfDead(region.nodes[index].node) }
    for tensor in region.tensors {
      for transpose in tensor.transposes where !rewriter.model.isErased(transpose) {
        rewriter.eraseIfDead(transpose)
      }
    }
  }

  // MARK: Nodes

  private mutating func rebuild(_ index: Int, with rewriter: inout Rewriter) {
    let old = region.nodes[index]
    let inputs = newInputs(of: index, with: &rewriter)
    let outputs = rewriter.model.outputs(of: old.node)
    let types = zip(outputs, old.relayout.outputs).map { output, order in
      rewriter.model.type(of: output).map { $0.reordered(by: order) }
    }
    let node = rewriter.insert(
      rewriter.model.operatorName(of: old.node), inputs: inputs, outputs: types,
      attributes: old.relayout.attributes, before: old.node)
    for (position, output) in outputs.enumerated() where !rewriter.model.isOmitted(output) {
      let new = rewriter.model.outputs(of: node)[position]
      if old.relayout.outputs[position] == nil {
        try? rewriter.replaceAllUses(of: output, with: new)
      } else if let form = region.forms[output] {
        forms[Key(tensor: form.tensor, layout: old.layout.other)] = new
      }
    }
  }

  private mutating func newInputs(of index: Int, with rewriter: inout Rewriter) -> [ValueID?] {
    let old = region.nodes[index]
    var inputs = rewriter.model.inputs(of: old.node)
    for (slot, tensor) in constants[index].sorted(by: { $0.key < $1.key }) {
      while inputs.count <= slot { inputs.append(nil) }
      inputs[slot] = rewriter.addConstant(tensor, in: region.graph)
    }
    for (slot, order) in old.relayout.inputs.enumerated() where order != nil {
      guard let value = inputs[slot], let form = region.forms[value] else { continue }
      inputs[slot] = self.value(of: form.tensor, in: old.layout.other, with: &rewriter)
    }
    return inputs
  }

  // MARK: Values

  /// The tensor in a layout, transposed where it is not there.
  private mutating func value(
    of index: Int, in layout: RegionLayout, with rewriter: inout Rewriter
  ) -> ValueID? {
    if let known = forms[Key(tensor: index, layout: layout)] { return known }
    guard let source = forms[Key(tensor: index, layout: layout.other)] else { return nil }
    let tensor = region.tensors[index]
    let order = layout == tensor.layout ? tensor.order.inverse : tensor.order
    let result = transpose(source, by: order, with: &rewriter)
    forms[Key(tensor: index, layout: layout)] = result
    return result
  }

  /// Right after the value's producer, so that all readers can read it.
  private func transpose(
    _ value: ValueID, by order: AxisOrder, with rewriter: inout Rewriter
  ) -> ValueID {
    let next = successor(of: value, in: rewriter.model)
    let type = rewriter.model.type(of: value)?.reordered(by: order)
    let attributes = [Attribute("perm", .ints(order.axes.map(Int64.init)))]
    let node =
      next.map {
        rewriter.insert(
          OperatorName("Transpose"), inputs: [value], outputs: [type], attributes: attributes, before: $0)
      }
      ?? rewriter.append(
        OperatorName("Transpose"), inputs: [value], outputs: [type], attributes: attributes, to: region.graph)
    return rewriter.model.outputs(of: node)[0]
  }

  /// The node before which what reads the value may first stand; nil for the end of the graph.
  private func successor(of value: ValueID, in model: Model) -> NodeID? {
    guard let producer = model.producer(of: value), model.graph(of: producer) == region.graph else {
      return model.firstNode(of: region.graph)
    }
    return model.node(after: producer)
  }

  /// Lets those who stay as they are read what stands for the tensor now.
  private mutating func redirect(_ index: Int, _ gone: Set<NodeID>, with rewriter: inout Rewriter) {
    let tensor = region.tensors[index]
    let copies = tensor.transposes.map { rewriter.model.outputs(of: $0)[0] }
    let hasNewForm = forms[Key(tensor: index, layout: tensor.layout.other)] != nil
    guard isMoved[index] || hasNewForm else { return }
    for old in (isMoved[index] ? [tensor.root] : []) + copies {
      guard let layout = region.forms[old]?.layout,
        rewriter.model.uses(of: old).contains(where: { !gone.contains($0.user) }),
        let new = value(of: index, in: layout, with: &rewriter)
      else { continue }
      try? rewriter.replaceAllUses(of: old, with: new)
    }
  }
}

extension ValueType {
  /// The type of the value with its axes in another order.
  fileprivate func reordered(by order: AxisOrder?) -> ValueType {
    guard let order, let tensor = tensorType, let dimensions = tensor.shape.map(\.dimensions),
      let permuted = order.permuted(dimensions)
    else { return self }
    return .tensor(tensor.elementType, Shape(permuted))
  }
}
