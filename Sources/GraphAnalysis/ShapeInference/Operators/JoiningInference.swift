import GraphIR
import TensorCore

/// Operators that put tensors together or take them apart along an axis.
enum JoiningInference {
  static let operators: [String: InferenceFunction] = ["Concat": concat, "Split": split]

  @Sendable private static func concat(_ node: InferenceContext) -> [ValueType?] {
    let elementType = node.inputs.indices.lazy.compactMap { node.elementType($0) }.first
    let shapes = node.inputs.indices.map { node.shape($0) }
    guard let known = shapes.compactMap({ $0 }).first else { return node.result(elementType, nil) }
    // Version 1 had the axis 1 as default.
    let requested = node.int("axis") ?? (node.opset < 4 ? 1 : nil)
    guard let axis = requested.flatMap(known.normalizedAxis) else { return node.result(elementType, nil) }
    var result = known.replacing(axis, by: 0)
    for shape in shapes {
      guard let shape else {
        result[axis] = .unknown
        continue
      }
      guard shape.rank == known.rank else { return node.result(elementType, nil) }
      let size = result[axis] + shape[axis]
      result = result.refined(by: shape).replacing(axis, by: size)
    }
    return node.result(elementType, result)
  }

  @Sendable private static func split(_ node: InferenceContext) -> [ValueType?] {
    let count = node.outputCount
    guard let shape = node.shape(0), let axis = node.axis(of: shape), count > 0 else {
      return [ValueType?](repeating: node.tensor(node.elementType(0), nil), count: max(count, 0))
    }
    let sizes = splitSizes(of: shape[axis], node)
    return (0..<count).map { index in
      let size = index < sizes.count ? sizes[index] : .unknown
      return node.tensor(node.elementType(0), shape.replacing(axis, by: size))
    }
  }

  private static func splitSizes(of size: Dimension, _ node: InferenceContext) -> [Dimension] {
    if node.has(1) { return node.elements(1) ?? [] }
    if let sizes = node.ints("split") { return sizes.map(Dimension.fixed) }
    let count = node.outputCount
    let equal = size.exactlyDivided(by: .fixed(count))
    if !equal.isUnknown { return [Dimension](repeating: equal, count: count) }
    // From version 18 the last part may be smaller.
    guard node.opset >= 18, let total = size.fixedSize, total >= 0 else { return [] }
    let part = (total - 1) / count + 1
    return (0..<count).map { .fixed(min(max(total - $0 * part, 0), part)) }
  }
}
