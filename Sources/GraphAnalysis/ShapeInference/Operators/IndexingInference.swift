import GraphIR
import TensorCore

/// Operators that read or write at places given by tensors of indices, or return such places.
enum IndexingInference {
  static let operators: [String: InferenceFunction] = [
    "Gather": gather, "GatherND": gatherND, "GatherElements": { $0.result($0.elementType(0), $0.shape(1)) },
    "Scatter": { $0.same(as: 0) }, "ScatterElements": { $0.same(as: 0) }, "ScatterND": { $0.same(as: 0) },
    "TensorScatter": { $0.same(as: 0) }, "OneHot": oneHot, "NonZero": nonZero, "TopK": topK,
    "Unique": unique, "Compress": compress,
  ]

  /// data[:axis] + indices + data[axis+1:]
  @Sendable private static func gather(_ node: InferenceContext) -> [ValueType?] {
    guard let data = node.shape(0), let indices = node.shape(1), let axis = node.axis(of: data)
    else { return node.result(node.elementType(0), nil) }
    let sizes = data.dimensions.prefix(axis) + indices.dimensions + data.dimensions.dropFirst(axis + 1)
    return node.result(node.elementType(0), Shape(Array(sizes)))
  }

  /// indices[:-1] + data[batch_dims + indices[-1]:]
  @Sendable private static func gatherND(_ node: InferenceContext) -> [ValueType?] {
    guard let data = node.shape(0), let indices = node.shape(1),
      let depth = indices.dimensions.last?.fixedSize,
      let batch = node.int("batch_dims") ?? (node.opset < 12 ? 0 : nil), batch >= 0, depth >= 0,
      batch <= data.rank, depth <= data.rank - batch
    else { return node.result(node.elementType(0), nil) }
    let sizes = indices.dimensions.dropLast() + data.dimensions.dropFirst(batch + depth)
    return node.result(node.elementType(0), Shape(Array(sizes)))
  }

  @Sendable private static func oneHot(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { indices -> Shape? in
      let rank = indices.rank + 1
      guard let axis = node.int("axis"), axis >= -rank, axis < rank else { return nil }
      var sizes = indices.dimensions
      sizes.insert(node.element(1), at: axis < 0 ? axis + rank : axis)
      return Shape(sizes)
    }
    return node.result(node.elementType(2), shape)
  }

  @Sendable private static func nonZero(_ node: InferenceContext) -> [ValueType?] {
    // A scalar counts as a vector of one element.
    node.result(.int64, node.shape(0).map { [.fixed(max($0.rank, 1)), .unknown] } ?? [.unknown, .unknown])
  }

  @Sendable private static func topK(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let axis = node.axis(of: shape) else { return nil }
      let count = node.has(1) ? node.element(1) : node.int("k").map(Dimension.fixed)
      return shape.replacing(axis, by: count ?? .unknown)
    }
    return node.result(node.elementType(0), shape) + node.result(.int64, shape)
  }

  @Sendable private static func unique(_ node: InferenceContext) -> [ValueType?] {
    let places = node.result(.int64, [.unknown])
    let shape = alongOptionalAxis(node, size: .unknown)
    return node.result(node.elementType(0), shape) + places + places + places
  }

  @Sendable private static func compress(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), alongOptionalAxis(node, size: .unknown))
  }

  /// The input's shape with another size along the axis, or without an axis one vector.
  private static func alongOptionalAxis(_ node: InferenceContext, size: Dimension) -> Shape? {
    guard node.own("axis") != nil else { return [size] }
    return node.shape(0).flatMap { shape in node.axis(of: shape).map { shape.replacing($0, by: size) } }
  }
}
