import GraphIR
import TensorCore

/// Operators that change sizes of axes and keep their number (`Expand` may add some).
enum AxisInference {
  static let operators: [String: InferenceFunction] = [
    "Expand": expand, "Tile": tile, "Pad": pad, "Slice": slice, "CenterCropPad": centerCropPad,
    "ReverseSequence": { $0.same(as: 0) },
  ]

  @Sendable private static func expand(_ node: InferenceContext) -> [ValueType?] {
    let target = node.elements(1).map { Shape($0) } ?? node.length(1).flatMap { Shape.unknown(rank: $0) }
    let shape = node.shape(0).flatMap { shape in target.flatMap(shape.broadcast) }
    return node.result(node.elementType(0), shape)
  }

  @Sendable private static func tile(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).map { shape -> Shape in
      // Before version 6, the inputs were a number of copies and an axis.
      guard node.opset >= 6, let repeats = node.elements(1), repeats.count == shape.rank else {
        return Shape(shape.dimensions.map { _ in .unknown })
      }
      return Shape(zip(shape.dimensions, repeats).map { $0 * $1 })
    }
    return node.result(node.elementType(0), shape)
  }

  @Sendable private static func pad(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).map { padded($0, node) })
  }

  /// Pads are [before of each axis…, after of each axis…].
  private static func padded(_ shape: Shape, _ node: InferenceContext) -> Shape {
    let anySize = Shape(shape.dimensions.map { _ in .unknown })
    let attribute = node.ints("pads") ?? node.ints("paddings")
    guard let pads = node.has(1) ? node.elements(1) : attribute?.map(Dimension.fixed) else { return anySize }
    var axes = Array(shape.dimensions.indices)
    if node.has(3) {
      guard let given = node.integers(3).flatMap(shape.normalizedAxes) else { return anySize }
      axes = given
    }
    guard pads.count == 2 * axes.count else { return anySize }
    var result = shape
    for (index, axis) in axes.enumerated() {
      result[axis] = shape[axis] + pads[index] + pads[axes.count + index]
    }
    return result
  }

  @Sendable private static func centerCropPad(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      let axes = node.ints("axes").map(shape.normalizedAxes) ?? Array(shape.dimensions.indices)
      guard let axes else { return nil }
      guard let sizes = node.elements(1), sizes.count == axes.count else {
        return axes.reduce(shape) { $0.replacing($1, by: .unknown) }
      }
      return zip(axes, sizes).reduce(shape) { $0.replacing($1.0, by: $1.1) }
    }
    return node.result(node.elementType(0), shape)
  }

  // MARK: Slice

  @Sendable private static func slice(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).map { sliced($0, node) })
  }

  private static func sliced(_ shape: Shape, _ node: InferenceContext) -> Shape {
    let anySize = Shape(shape.dimensions.map { _ in .unknown })
    guard let bounds = SliceBounds(node, rank: shape.rank) else { return anySize }
    guard let axes = bounds.axes, let axes = shape.normalizedAxes(axes) else { return anySize }
    var result = shape
    for (index, axis) in axes.enumerated() {
      result[axis] = shape[axis].sliced(
        from: bounds.starts[index], to: bounds.ends[index], step: bounds.steps[index])
    }
    return result
  }
}

/// The operands of `Slice`, from inputs or, before version 10, attributes; unknown ones as far as their number
/// is known.
struct SliceBounds {
  /// Nil where they are not known.
  let axes: [Int]?
  let starts: [Dimension]
  let ends: [Dimension]
  let steps: [Dimension]

  init?(_ node: InferenceContext, rank: Int) {
    let isByAttributes = node.opset < 10
    func operand(_ name: String, _ index: Int) -> [Dimension]? {
      isByAttributes ? node.own(name)?.ints?.map(Dimension.fixed) : node.elements(index)
    }
    let count = operand("starts", 1)?.count ?? operand("ends", 2)?.count ?? node.length(1)
    guard let count, count <= rank else { return nil }
    let unknown = [Dimension](repeating: .unknown, count: count)
    starts = operand("starts", 1) ?? unknown
    ends = operand("ends", 2) ?? unknown
    let hasSteps = !isByAttributes && node.has(4)
    steps = hasSteps ? node.elements(4) ?? unknown : [Dimension](repeating: 1, count: count)
    let hasAxes = isByAttributes ? node.own("axes") != nil : node.has(3)
    axes = hasAxes ? operand("axes", 3)?.compactMap(\.fixedSize) : Array(0..<count)
    guard starts.count == count, ends.count == count, steps.count == count,
      axes.map(\.count) ?? count == count
    else { return nil }
  }
}

extension Dimension {
  /// The number of elements that `start:end:step` takes from this many.
  func sliced(from start: Dimension, to end: Dimension, step: Dimension) -> Dimension {
    guard let step = step.fixedSize, step != 0 else { return self == 0 ? 0 : .unknown }
    if let size = fixedSize, let start = start.fixedSize, let end = end.fixedSize {
      return .fixed(Self.count(size: size, start: start, end: end, step: step))
    }
    if step < 0 { return reversed(from: start, to: end, step: step) }
    guard let first = clamped(start), let last = clamped(end) else { return .unknown }
    let length = last - first
    let count = length.isKnownNonNegative ? length : length.maximum(0)
    return step == 1 ? count : count.ceilingDivided(by: .fixed(step))
  }

  /// A bound counted from the front and brought into 0...self, for steps forward; nil where that is open.
  private func clamped(_ bound: Dimension) -> Dimension? {
    if let bound = bound.fixedSize {
      if bound >= Int(Int32.max) { return self }
      if bound == 0 { return 0 }
      guard bound < 0 else { return minimum(.fixed(bound)) }
      if bound <= -Int(Int32.max) { return 0 }
      let shifted = self + .fixed(bound)
      return shifted.isKnownNonNegative ? shifted : shifted.maximum(0)
    }
    guard bound.isKnownNonNegative else { return nil }
    return isKnownEqual(to: bound) ? self : minimum(bound)
  }

  /// Backwards over everything; other ranges need numbers.
  private func reversed(from start: Dimension, to end: Dimension, step: Int) -> Dimension {
    guard let start = start.fixedSize, let end = end.fixedSize, start == -1 || start >= Int(Int32.max),
      end <= -Int(Int32.max), step > -Int(Int32.max)
    else { return .unknown }
    return ceilingDivided(by: .fixed(-step))
  }

  private static func count(size: Int, start: Int, end: Int, step: Int) -> Int {
    func position(_ bound: Int) -> Int { bound < 0 ? max(bound, -size - 1) + size : bound }
    let lowest = step < 0 ? -1 : 0
    let highest = step < 0 ? size - 1 : size
    let start = min(max(position(start), max(lowest, 0)), highest)
    let end = min(max(position(end), lowest), highest)
    let length = step > 0 ? end - start : start - end
    guard length > 0 else { return 0 }
    return Int((length.magnitude - 1) / step.magnitude) + 1
  }
}
