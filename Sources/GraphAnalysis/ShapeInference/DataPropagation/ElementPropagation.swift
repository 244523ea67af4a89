import GraphIR
import TensorCore

/// The elements of a node's first output, row-major, those that are not known as `Dimension.unknown`; nil where
/// none is.
typealias PropagationFunction = @Sendable (InferenceContext) -> [Dimension]?

/// Follows small tensors of rank 0 or 1 element by element, since shapes are computed with them.
///
/// Real numbers are followed only while they are whole. Sizes that go through single precision are taken to be
/// below 2²⁴, so that they are exact there.
enum ElementPropagation {
  private static let registry: [String: PropagationFunction] = structure.merging(arithmetic) { first, _ in
    assertionFailure("an operator stands in two tables")
    return first
  }

  static func elements(_ context: InferenceContext) -> [Dimension]? {
    guard context.op.isStandard, let function = registry[context.op.name] else { return nil }
    return function(context)
  }

  // MARK: Operators that move elements

  private static let structure: [String: PropagationFunction] = [
    "Identity": { $0.elements(0) }, "Reshape": { $0.elements(0) }, "Squeeze": { $0.elements(0) },
    "Unsqueeze": { $0.elements(0) }, "Flatten": { $0.elements(0) },
    "Constant": { $0.attributes.first?.value.tensor.flatMap(KnownElements.of) ?? $0.numberAttribute },
    "Shape": shape, "Size": { $0.shape(0).map { [$0.elementCount] } },
    "Gather": gather, "Slice": slice, "Concat": concat, "Expand": expand, "ConstantOfShape": filled,
    "Range": range,
  ]

  @Sendable private static func shape(_ node: InferenceContext) -> [Dimension]? {
    guard let shape = node.shape(0), let range = node.shapeRange() else { return nil }
    return Array(shape.dimensions[range])
  }

  @Sendable private static func gather(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.elements(0), node.rank(0) == 1, let indices = node.integers(1) else { return nil }
    guard indices.allSatisfy({ $0 >= -data.count && $0 < data.count }) else { return nil }
    return indices.map { data[$0 < 0 ? $0 + data.count : $0] }
  }

  @Sendable private static func slice(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.elements(0), node.rank(0) == 1, let bounds = SliceBounds(node, rank: 1),
      bounds.axes == [0] || bounds.axes == [-1], let start = bounds.starts[0].fixedSize,
      let end = bounds.ends[0].fixedSize, let step = bounds.steps[0].fixedSize, step != 0,
      let count = Dimension.fixed(data.count)
        .sliced(from: .fixed(start), to: .fixed(end), step: .fixed(step)).fixedSize, count > 0
    else { return nil }
    let lowest = start < 0 ? max(start, -data.count) + data.count : start
    let first = min(lowest, data.count - 1)
    return (0..<count).map { data[first + $0 * step] }
  }

  @Sendable private static func concat(_ node: InferenceContext) -> [Dimension]? {
    var result: [Dimension] = []
    for index in node.inputs.indices {
      guard node.rank(index) == 1 else { return nil }
      let unknown = node.length(index).map { [Dimension](repeating: .unknown, count: $0) }
      guard let part = node.elements(index) ?? unknown else { return nil }
      result += part
      guard result.count <= KnownElements.maximumCount else { return nil }
    }
    return result
  }

  @Sendable private static func expand(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.elements(0), let target = node.integers(1), target.count <= 1 else { return nil }
    let count = target.first ?? 1
    if data.count != 1 || count == 1 { return data }
    return repeated(data[0], count: count)
  }

  @Sendable private static func filled(_ node: InferenceContext) -> [Dimension]? {
    guard let sizes = node.integers(0), sizes.count <= 1 else { return nil }
    // The standard's value is a zero.
    guard let value = node.own("value") else { return repeated(0, count: sizes.first ?? 1) }
    guard let element = value.tensor.flatMap(KnownElements.of)?.first else { return nil }
    return repeated(element, count: sizes.first ?? 1)
  }

  private static func repeated(_ element: Dimension, count: Int) -> [Dimension]? {
    guard count >= 0, count <= KnownElements.maximumCount else { return nil }
    return [Dimension](repeating: element, count: count)
  }

  @Sendable private static func range(_ node: InferenceContext) -> [Dimension]? {
    guard let start = node.integer(0), let limit = node.integer(1), let step = node.integer(2), step != 0
    else { return nil }
    return Array(stride(from: start, to: limit, by: step).prefix(KnownElements.maximumCount + 1))
      .map(Dimension.fixed)
  }
}

extension InferenceContext {
  /// The elements of a `Constant` that is given by an integer attribute.
  fileprivate var numberAttribute: [Dimension]? {
    guard let value = attributes.first?.value else { return nil }
    return value.ints?.map(Dimension.fixed) ?? value.int.map { [.fixed($0)] }
  }
}
