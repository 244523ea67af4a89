import GraphIR
import TensorCore

/// Reductions over axes.
enum ReductionInference {
  static let operators: [String: InferenceFunction] = {
    let names = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    var table: [String: InferenceFunction] = ["ArgMax": position, "ArgMin": position]
    for name in names { table["Reduce" + name] = reduce }
    return table
  }()

  @Sendable private static func reduce(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).flatMap { reduced($0, node) })
  }

  private static func reduced(_ shape: Shape, _ node: InferenceContext) -> Shape? {
    let keepsAxes = node.flag("keepdims")
    let requested = node.has(1) ? node.integers(1) : node.ints("axes") ?? []
    guard let requested else { return reducedOverUnknownAxes(shape, node, keepsAxes: keepsAxes) }
    if requested.isEmpty, node.flag("noop_with_empty_axes") { return shape }
    return reduced(shape, over: requested, keepsAxes: keepsAxes)
  }

  /// No axes are all axes.
  static func reduced(_ shape: Shape, over requested: [Int], keepsAxes: Bool) -> Shape? {
    guard let axes = requested.isEmpty ? Array(shape.dimensions.indices) : shape.normalizedAxes(requested)
    else { return nil }
    if keepsAxes { return axes.reduce(shape) { $0.replacing($1, by: 1) } }
    return Shape(shape.dimensions.indices.filter { !axes.contains($0) }.map { shape[$0] })
  }

  private static func reducedOverUnknownAxes(
    _ shape: Shape, _ node: InferenceContext, keepsAxes: Bool
  ) -> Shape? {
    if keepsAxes { return Shape(shape.dimensions.map { $0 == 1 ? 1 : .unknown }) }
    guard let count = node.length(1), count > 0 else { return nil }
    return Shape.unknown(rank: shape.rank - count)
  }

  @Sendable private static func position(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let axis = node.axis(of: shape) else { return nil }
      return node.flag("keepdims") ? shape.replacing(axis, by: 1) : shape.removing(axis)
    }
    return node.result(.int64, shape)
  }
}
