import GraphIR
import Rewriting
import TensorCore

/// Operators that keep the number of axes.
extension LayoutFreedom {
  /// Everything in the same order.
  func elementwiseLayout() throws -> Relayout {
    var result = try uniform()
    for (index, input) in node.inputs.enumerated() {
      guard let input, let shape = model.shape(of: input) else { continue }
      try place(input, shape, at: index, in: &result)
    }
    try requireCarriedSlot(result)
    return result
  }

  /// Outputs in the order that is given, nothing said of inputs.
  private func uniform() throws -> Relayout {
    var result = Relayout(of: node)
    for index in node.outputs.indices where model.output(index, of: node.node) != nil {
      try require(rank(ofOutput: index) == order.rank)
      result.outputs[index] = order
    }
    for index in node.inputs.indices where node.inputs[index] != nil { _ = try rank(ofInput: index) }
    return result
  }

  /// One operand that is broadcast: a value of all axes, a constant, or one number.
  private func place(_ value: ValueID, _ shape: Shape, at index: Int, in result: inout Relayout) throws {
    try require(shape.rank <= order.rank)
    let isSingle = shape.dimensions.allSatisfy { $0 == .fixed(1) }
    if let tensor = model.constant(value) {
      if isSingle || order.keepsLast(tensor.rank) { return }
      try requireMovable(tensor, value)
      result.reordered[index] = order
    } else if shape.rank == order.rank {
      result.inputs[index] = order
    } else {
      try require(isSingle)
    }
  }

  /// Refuses constants that would be stored twice, and elements that are no whole bytes.
  private func requireMovable(_ tensor: Tensor, _ value: ValueID) throws {
    try require(tensor.elementType != .string && tensor.elementType.bitWidth % 8 == 0)
    try require(tensor.elementCount <= 1024 || model.hasOneUse(value))
  }

  private func requireCarriedSlot(_ result: Relayout) throws {
    if case .input(let index) = slot { try require(result.inputs[index] == order) }
  }

  /// Operators that work along one axis.
  func alongAxis() throws -> Relayout {
    let name = node.op.name
    if name.hasSuffix("max") { try require(model.opset("", in: model.graph(of: node.node)) ?? 0 >= 13) }
    var result = try uniform()
    let carried = name == "Concat" ? Array(node.inputs.indices) : [0]
    for index in carried {
      guard let input = node.inputs[index] else { throw MatchFailure("an input is left out") }
      try require(rank(ofInput: index) == order.rank)
      if let tensor = model.constant(input) {
        try requireMovable(tensor, input)
        result.reordered[index] = order
      } else {
        result.inputs[index] = order
      }
    }
    try requireCarriedSlot(result)
    let axis = try normalized(node.int("axis"), rank: order.rank)
    try result.set("axis", to: [order.positions[axis]], isList: false, of: node, in: model)
    return result
  }

  /// With one scale, or one for each index of an axis.
  func quantization() throws -> Relayout {
    try requireFirstSlot()
    var result = try uniform()
    result.inputs[0] = order
    try require(rank(ofInput: 0) == order.rank && rank(ofInput: 1) <= 1)
    guard try rank(ofInput: 1) == 1, model.schema(of: node.node)?.attribute(named: "axis") != nil else {
      return result
    }
    let axis = try normalized(node.int("axis"), rank: order.rank)
    try result.set("axis", to: [order.positions[axis]], isList: false, of: node, in: model)
    return result
  }

  func pad() throws -> Relayout {
    try requireFirstSlot()
    var result = try uniform()
    result.inputs[0] = order
    try require(rank(ofInput: 0) == order.rank)
    let pads = try Match(looking: node.node, in: model).fullPads(of: node, rank: order.rank)
    let begins = Array(pads[..<order.rank]), ends = Array(pads[order.rank...])
    let moved = (order.permuted(begins) ?? []) + (order.permuted(ends) ?? [])
    guard node.inputNamed("axes") == nil else { return try padOfAxes(result) }
    try result.set("pads", to: moved, of: node, in: model)
    return result
  }

  private func padOfAxes(_ relayout: Relayout) throws -> Relayout {
    var result = relayout
    let axes = try normalized(node.ints("axes"), rank: order.rank)
    try result.set("axes", to: axes.map { order.positions[$0] }, of: node, in: model)
    return result
  }

  func slice() throws -> Relayout {
    try requireFirstSlot()
    var result = try uniform()
    result.inputs[0] = order
    try require(rank(ofInput: 0) == order.rank)
    let count = try node.optionalInts("axes")?.count ?? sliceCount()
    let axes = try normalized(node.optionalInts("axes") ?? Array(0..<count), rank: order.rank)
    let type = node.inputNamed("starts").flatMap { model.elementType(of: $0) } ?? .int64
    try result.set("axes", to: axes.map { order.positions[$0] }, of: node, in: model, like: type)
    return result
  }

  /// How many axes are cut where it does not say which.
  private func sliceCount() throws -> Int {
    guard let starts = node.inputNamed("starts") else { return try node.ints("starts").count }
    guard let shape = model.shape(of: starts), shape.rank == 1, let count = shape[0].fixedSize else {
      throw MatchFailure("the number of axes is unknown")
    }
    try require(count <= order.rank)
    return count
  }

  /// `Tile` and `Expand` by constants.
  func repetition() throws -> Relayout {
    try requireFirstSlot()
    var result = try uniform()
    result.inputs[0] = order
    let name = node.op.name == "Tile" ? "repeats" : "shape"
    let given = try node.ints(name)
    try require(rank(ofInput: 0) == order.rank && given.count <= order.rank)
    let full = [Int](repeating: 1, count: order.rank - given.count) + given
    try result.set(name, to: order.permuted(full) ?? [], of: node, in: model)
    return result
  }

  /// Products whose last two axes stay, or whose right side is one matrix.
  func product() throws -> Relayout {
    var result = try uniform()
    let left = try rank(ofInput: 0), right = try rank(ofInput: 1)
    try require(left == order.rank && left >= 2)
    result.inputs[0] = order
    if right == 2 {
      try require(order.keepsLast(1))
    } else {
      try require(right == left && order.keepsLast(2))
      guard let value = node.inputs[1] else { throw MatchFailure("an input is left out") }
      try require(model.constant(value) == nil)
      result.inputs[1] = order
    }
    try requireCarriedSlot(result)
    return result
  }

  /// Over last axes, which stay.
  func normalization() throws -> Relayout {
    try requireFirstSlot()
    for index in node.outputs.indices.dropFirst() { try require(!node.isOutputUsed(index)) }
    let axis = try normalized(node.int("axis"), rank: order.rank)
    try require(order.keepsLast(order.rank - axis) && rank(ofInput: 0) == order.rank)
    var result = Relayout(of: node)
    result.inputs[0] = order
    result.outputs[0] = order
    for index in node.inputs.indices.dropFirst() where node.inputs[index] != nil {
      try require(rank(ofInput: index) <= order.rank - axis)
    }
    return result
  }
}
