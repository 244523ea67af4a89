import GraphIR
import TensorCore

/// Operators that keep the elements and give them other axes.
enum ReshapingInference {
  static let operators: [String: InferenceFunction] = [
    "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
    "Transpose": transpose, "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
  ]

  // MARK: Reshape

  @Sendable private static func reshape(_ node: InferenceContext) -> [ValueType?] {
    let requested = node.has(1) ? node.elements(1) : node.ints("shape")?.map(Dimension.fixed)
    let copiesZeros = !node.flag("allowzero")
    let shape = requested.map { resolve($0, from: node.shape(0), copiesZeros: copiesZeros) }
    return node.result(
      node.elementType(0), shape ?? node.length(1).flatMap { Shape.unknown(rank: $0) })
  }

  /// The sizes that a request with zeros (as in the input) and −1 (what is left) stands for.
  private static func resolve(_ requested: [Dimension], from input: Shape?, copiesZeros: Bool) -> Shape {
    var numerator = input?.dimensions ?? [.unknown]
    var result = requested
    for (axis, size) in requested.enumerated() where size == 0 && copiesZeros {
      result[axis] = input.flatMap { axis < $0.rank ? $0[axis] : nil } ?? .unknown
      // It cancels whatever it is.
      if axis < numerator.count, input != nil { numerator[axis] = 1 }
    }
    let rest = requested.indices.filter { requested[$0] == -1 }
    guard rest.count == 1 else { return Shape(result.map { $0 == -1 ? .unknown : $0 }) }
    let explicit = requested.indices.filter { axis in
      axis != rest[0] && !(requested[axis] == 0 && copiesZeros)
    }
    result[rest[0]] = quotient(of: numerator, by: explicit.map { requested[$0] })
    return Shape(result)
  }

  /// The product of `sizes` over that of `divisors`. Equal sizes cancel: those that are left in a run have to
  /// divide without remainder.
  private static func quotient(of sizes: [Dimension], by divisors: [Dimension]) -> Dimension {
    var numerator = sizes
    var denominator: [Dimension] = []
    for divisor in divisors {
      if !divisor.isUnknown, let index = numerator.firstIndex(of: divisor) {
        numerator.remove(at: index)
      } else {
        denominator.append(divisor)
      }
    }
    let total = Dimension.product(numerator)
    let divisor = Dimension.product(denominator)
    if let count = divisor.fixedSize, count <= 0 { return .unknown }
    let exact = total.exactlyDivided(by: divisor)
    guard exact.isUnknown, let count = divisor.fixedSize else { return exact }
    // Where the model runs at all, there is no remainder.
    return total.floorDivided(by: .fixed(count))
  }

  // MARK: Axes

  @Sendable private static func flatten(_ node: InferenceContext) -> [ValueType?] {
    guard let shape = node.shape(0), let axis = node.int("axis"), axis >= -shape.rank, axis <= shape.rank
    else { return node.result(node.elementType(0), Shape.unknown(rank: 2)) }
    let split = axis < 0 ? axis + shape.rank : axis
    let sizes = [
      Dimension.product(shape.dimensions.prefix(split)), Dimension.product(shape.dimensions.dropFirst(split)),
    ]
    return node.result(node.elementType(0), Shape(sizes))
  }

  @Sendable private static func squeeze(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).flatMap { squeezed($0, node) })
  }

  private static func squeezed(_ shape: Shape, _ node: InferenceContext) -> Shape? {
    if let axes = node.has(1) ? node.integers(1) : node.ints("axes") {
      guard let axes = shape.normalizedAxes(axes) else { return nil }
      return Shape(shape.dimensions.indices.filter { !axes.contains($0) }.map { shape[$0] })
    }
    if node.has(1) { return node.length(1).flatMap { Shape.unknown(rank: shape.rank - $0) } }
    // Without axes, all of size 1 go: which ones must be known.
    guard let sizes = shape.fixedSizes else { return nil }
    return Shape(fixed: sizes.filter { $0 != 1 })
  }

  @Sendable private static func unsqueeze(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).flatMap { unsqueezed($0, node) })
  }

  private static func unsqueezed(_ shape: Shape, _ node: InferenceContext) -> Shape? {
    guard let axes = node.has(1) ? node.integers(1) : node.ints("axes") else {
      return node.length(1).flatMap { Shape.unknown(rank: shape.rank + $0) }
    }
    guard let result = Shape.unknown(rank: shape.rank + axes.count),
      let inserted = result.normalizedAxes(axes)
    else { return nil }
    var rest = shape.dimensions[...]
    return Shape(result.dimensions.indices.map { inserted.contains($0) ? 1 : rest.popFirst() ?? .unknown })
  }

  @Sendable private static func transpose(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let order = node.ints("perm") else { return Shape(shape.dimensions.reversed()) }
      guard order.count == shape.rank, let axes = shape.normalizedAxes(order) else { return nil }
      return Shape(axes.map { shape[$0] })
    }
    return node.result(node.elementType(0), shape)
  }

  // MARK: Blocks

  @Sendable private static func depthToSpace(_ node: InferenceContext) -> [ValueType?] {
    node.result(
      node.elementType(0),
      node.image { shape, block in
        Shape([
          shape[0], shape[1].exactlyDivided(by: block * block), shape[2] * block, shape[3] * block,
        ])
      })
  }

  @Sendable private static func spaceToDepth(_ node: InferenceContext) -> [ValueType?] {
    node.result(
      node.elementType(0),
      node.image { shape, block in
        Shape([
          shape[0], shape[1] * block * block, shape[2].exactlyDivided(by: block),
          shape[3].exactlyDivided(by: block),
        ])
      })
  }
}

extension InferenceContext {
  fileprivate func image(_ transform: (Shape, Dimension) -> Shape) -> Shape? {
    guard let shape = shape(0), shape.rank == 4, let block = int("blocksize"), block > 0 else { return nil }
    return transform(shape, .fixed(block))
  }
}
