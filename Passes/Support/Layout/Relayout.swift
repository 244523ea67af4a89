import GraphIR
import Rewriting
import TensorCore

/// How a node computes the same with the axes of some operands and results in another order.
struct Relayout {
  /// By input, the order of its axes; nil for what is read as it is.
  var inputs: [AxisOrder?]
  /// By output; nil for what comes out as it did.
  var outputs: [AxisOrder?]
  /// Constants to be brought into another order: they may have fewer axes.
  var reordered: [Int: AxisOrder] = [:]
  /// Constants that stand for others: axes, pads.
  var replaced: [Int: Tensor] = [:]
  var attributes: [Attribute]

  init(of node: NodeView) {
    inputs = [AxisOrder?](repeating: nil, count: node.inputs.count)
    outputs = [AxisOrder?](repeating: nil, count: node.outputs.count)
    attributes = node.attributes.attributes
  }

  /// Gives a parameter another value, which is an attribute or an input in the node's version.
  /// - Parameter elementType: of an input that the node leaves out.
  /// - Throws: `MatchFailure` where the version has no such parameter.
  mutating func set(
    _ name: String, to values: [Int], isList: Bool = true, of node: NodeView, in model: Model,
    like elementType: ElementType = .int64
  ) throws {
    guard let schema = model.schema(of: node.node) else { throw MatchFailure("the operator is unknown") }
    if schema.attribute(named: name) != nil {
      attributes.removeAll { $0.name == name }
      let list = AttributeValue.ints(values.map(Int64.init))
      attributes.append(Attribute(name, isList ? list : .int(Int64(values.first ?? 0))))
      return
    }
    guard let index = schema.inputs.firstIndex(where: { $0.name == name }) else {
      throw MatchFailure("the operator has no '\(name)'")
    }
    let old = node.inputNamed(name).flatMap { model.constant($0) }
    let type = old?.elementType ?? elementType
    let list =
      try type == .int64
      ? Tensor(int64: values) : Tensor(type, rounding: values.map(Double.init), [values.count])
    replaced[index] =
      try old.map { $0.elementCount == values.count ? try list.reshaped(to: $0.dimensions) : list } ?? list
  }
}

extension Model {
  /// A constant of at most so many axes in another order.
  /// - Throws: `TensorError` where it cannot be transposed, `MatchFailure` where it has more axes.
  func reordered(_ value: ValueID, by order: AxisOrder) throws -> Tensor {
    guard let tensor = constant(value), tensor.rank <= order.rank else {
      throw MatchFailure("a constant has more axes than the result")
    }
    let full = try tensor.reshaped(
      to: [Int](repeating: 1, count: order.rank - tensor.rank) + tensor.dimensions)
    return try full.transposed(order.axes)
  }
}
