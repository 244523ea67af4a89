import GraphIR
import TensorCore

/// The elements of a node's first output, row-major, those that are not known as `Dimension.unknown`; nil where
/// none is.
typealias PropagationFunction = @Sendable (InferenceContext) -> [Dimension]?

/// Follows small tensors element by element, since shapes are computed with them.
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
    "Transpose": transpose, "Gather": gather, "Slice": slice, "Concat": concat, "Expand": expand,
    "Tile": tile, "ConstantOfShape": filled, "Range": range, "ScatterND": scatter,
  ]

  @Sendable private static func shape(_ node: InferenceContext) -> [Dimension]? {
    guard let shape = node.shape(0), let range = node.shapeRange() else { return nil }
    return Array(shape.dimensions[range])
  }

  @Sendable private static func transpose(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.grid(0) else { return nil }
    return data.transposed(node.ints("perm") ?? data.sizes.indices.reversed())?.elements
  }

  @Sendable private static func gather(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.grid(0), let indices = node.integers(1),
      let axis = Shape(fixed: data.sizes).normalizedAxis(node.int("axis") ?? 0)
    else { return nil }
    let size = data.sizes[axis]
    guard indices.allSatisfy({ $0 >= -size && $0 < size }) else { return nil }
    return data.picked(indices.map { $0 < 0 ? $0 + size : $0 }, axis: axis)?.elements
  }

  @Sendable private static func slice(_ node: InferenceContext) -> [Dimension]? {
    guard var data = node.grid(0), let bounds = SliceBounds(node, rank: data.rank),
      let axes = bounds.axes.flatMap(Shape(fixed: data.sizes).normalizedAxes)
    else { return nil }
    for (index, axis) in axes.enumerated() {
      let size = data.sizes[axis]
      guard let start = bounds.starts[index].fixedSize, let end = bounds.ends[index].fixedSize,
        let step = bounds.steps[index].fixedSize, step != 0,
        let count = Dimension.fixed(size).sliced(from: .fixed(start), to: .fixed(end), step: .fixed(step))
          .fixedSize, count > 0,
        let part = data.sliced(
          axis: axis, start: min(start < 0 ? max(start, -size) + size : start, size - 1), step: step,
          count: count)
      else { return nil }
      data = part
    }
    return data.elements
  }

  @Sendable private static func concat(_ node: InferenceContext) -> [Dimension]? {
    let grids = node.inputs.indices.map { index -> ElementGrid? in
      if let grid = node.grid(index) { return grid }
      let sizes =
        node.shape(index)?.rank == 1 ? node.length(index).map { [$0] } : node.shape(index)?.fixedSizes
      guard let sizes, let count = ElementGrid.count(of: sizes) else { return nil }
      return ElementGrid([Dimension](repeating: .unknown, count: count), sizes: sizes)
    }
    guard let rank = grids.first??.rank, let axis = node.int("axis") ?? (node.opset < 4 ? 1 : nil),
      axis >= -rank, axis < rank
    else { return nil }
    return ElementGrid.joined(
      grids.compactMap { $0 }, axis: axis < 0 ? axis + rank : axis, count: grids.count)?.elements
  }

  @Sendable private static func expand(_ node: InferenceContext) -> [Dimension]? {
    guard let data = node.grid(0), let target = node.integers(1),
      let sizes = Shape(fixed: data.sizes).broadcast(with: Shape(fixed: target))?.fixedSizes
    else { return nil }
    return data.broadcast(to: sizes)?.elements
  }

  @Sendable private static func tile(_ node: InferenceContext) -> [Dimension]? {
    guard node.opset >= 6, let data = node.grid(0), let repeats = node.integers(1), repeats.count == data.rank
    else { return nil }
    return repeats.enumerated().reduce(ElementGrid?.some(data)) { grid, entry in
      guard entry.element > 0, entry.element <= KnownElements.maximumCount, let grid else { return nil }
      let copies = [ElementGrid](repeating: grid, count: entry.element)
      return ElementGrid.joined(copies, axis: entry.offset, count: entry.element)
    }?.elements
  }

  @Sendable private static func filled(_ node: InferenceContext) -> [Dimension]? {
    guard let count = node.integers(0).flatMap(ElementGrid.count) else { return nil }
    // The standard's value is a zero.
    guard let value = node.own("value") else { return [Dimension](repeating: 0, count: count) }
    guard let element = value.tensor.flatMap(KnownElements.of)?.first else { return nil }
    return [Dimension](repeating: element, count: count)
  }

  /// Into a vector, element by element.
  @Sendable private static func scatter(_ node: InferenceContext) -> [Dimension]? {
    guard var data = node.elements(0), node.rank(0) == 1, let places = node.integers(1),
      let depth = node.shape(1)?.dimensions.last, depth == 1, let updates = node.elements(2),
      updates.count == places.count, (node.string("reduction") ?? "none") == "none"
    else { return nil }
    for (place, update) in zip(places, updates) {
      guard place >= -data.count, place < data.count else { return nil }
      data[place < 0 ? place + data.count : place] = update
    }
    return data
  }

  /// The elements of every part.
  static func split(_ node: InferenceContext, into shapes: [Shape?]) -> [[Dimension]?] {
    guard let data = node.grid(0), let axis = Shape(fixed: data.sizes).normalizedAxis(node.int("axis") ?? 0)
    else { return [] }
    var start = 0
    return shapes.map { shape in
      guard let count = shape.flatMap({ $0.rank == data.rank ? $0[axis].fixedSize : nil }) else { return nil }
      defer { start += count }
      return data.sliced(axis: axis, start: start, step: 1, count: count)?.elements
    }
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
