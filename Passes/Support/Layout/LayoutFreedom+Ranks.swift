import GraphIR
import Rewriting
import TensorCore

/// Operators that add or drop axes.
extension LayoutFreedom {
  /// The axes that a `Reduce…` reduces.
  func reducedAxes() throws -> [Int] {
    let rank = try self.rank(ofInput: 0)
    if let axes = try node.optionalInts("axes"), !axes.isEmpty { return axes }
    if node.has("noop_with_empty_axes") { try require(node.int("noop_with_empty_axes") == 0) }
    return Array(0..<rank)
  }

  func reduction(axes given: [Int], parameter: String) throws -> Relayout {
    try requireFirstSlot()
    let rank = try self.rank(ofInput: 0)
    let axes = try normalized(given, rank: rank)
    var result = Relayout(of: node)
    let keeps = try node.int("keepdims") != 0
    let input = try keeps ? order : inputOrder(without: axes, rank: rank)
    try require(input.rank == rank && self.rank(ofOutput: 0) == (keeps ? rank : rank - axes.count))
    result.inputs[0] = input
    result.outputs[0] = keeps ? order : outputOrder(dropping: axes, from: input)
    let isList = parameter == "axes"
    if isList, try node.optionalInts("axes")?.isEmpty ?? true { return result }
    try result.set(
      parameter, to: axes.map { input.positions[$0] }.sorted(), isList: isList, of: node, in: model)
    return result
  }

  /// The input's order, whichever side the given one belongs to.
  private func inputOrder(without axes: [Int], rank: Int) throws -> AxisOrder {
    if isInput { return order }
    try require(order.rank == rank - axes.count)
    guard let wider = order.inserting(axes) else { throw MatchFailure("the axes do not fit") }
    return wider
  }

  /// Nil where what remains keeps its order.
  private func outputOrder(dropping axes: [Int], from input: AxisOrder) -> AxisOrder? {
    let rest = input.dropping(axes)
    return rest.isIdentity ? nil : rest
  }

  func squeeze() throws -> Relayout {
    try requireFirstSlot()
    let rank = try self.rank(ofInput: 0)
    let given = try node.optionalInts("axes") ?? unitAxes()
    let axes = try normalized(given, rank: rank)
    var result = Relayout(of: node)
    let input = try inputOrder(without: axes, rank: rank)
    try require(input.rank == rank)
    result.inputs[0] = input
    result.outputs[0] = outputOrder(dropping: axes, from: input)
    try result.set("axes", to: axes.map { input.positions[$0] }.sorted(), of: node, in: model)
    return result
  }

  /// Axes of size 1 where all sizes are known.
  private func unitAxes() throws -> [Int] {
    guard let value = node.inputs.first.flatMap({ $0 }), let sizes = model.shape(of: value)?.fixedSizes else {
      throw MatchFailure("the axes depend on the sizes")
    }
    return sizes.indices.filter { sizes[$0] == 1 }
  }

  func unsqueeze() throws -> Relayout {
    try requireFirstSlot()
    let rank = try self.rank(ofInput: 0), given = try node.ints("axes")
    let axes = try normalized(given, rank: rank + given.count)
    var result = Relayout(of: node)
    let output = isInput ? order.inserting(axes) : order
    guard let output, output.rank == rank + axes.count else { throw MatchFailure("the axes do not fit") }
    result.outputs[0] = output
    result.inputs[0] = outputOrder(dropping: axes, from: output)
    try result.set("axes", to: axes.map { output.positions[$0] }.sorted(), of: node, in: model)
    return result
  }

  /// One entry, which drops the axis, or a list of them.
  func gather() throws -> Relayout {
    try requireFirstSlot()
    let rank = try self.rank(ofInput: 0), entries = try self.rank(ofInput: 1)
    try require(entries <= 1)
    let axis = try normalized(node.int("axis"), rank: rank)
    let dropped = entries == 0 ? [axis] : []
    let input = try inputOrder(without: dropped, rank: rank)
    try require(input.rank == rank)
    if let data = node.inputs.first.flatMap({ $0 }) { try require(model.constant(data) == nil) }
    var result = Relayout(of: node)
    result.inputs[0] = input
    result.outputs[0] = outputOrder(dropping: dropped, from: input)
    try result.set("axis", to: [input.positions[axis]], isList: false, of: node, in: model)
    return result
  }
}
