import GraphIR
import TensorCore

extension ElementPropagation {
  static let arithmetic: [String: PropagationFunction] = [
    "Add": binary(+), "Sub": binary(-), "Mul": binary(*), "Div": divide, "Mod": remainder,
    "Min": variadic { $0.minimum($1) }, "Max": variadic { $0.maximum($1) },
    "Sum": variadic(+),
    "Neg": unary { 0 - $0 }, "Abs": unary(magnitude),
    "Floor": rounding(\.floor), "Ceil": rounding(\.ceiling), "Round": unary { $0 },
    "Cast": cast,
    "Equal": binary { truth($0.isEqual(to: $1)) },
    "Less": binary(isLess), "Greater": binary { isLess($1, $0) },
    "LessOrEqual": binary { negated(isLess($1, $0)) }, "GreaterOrEqual": binary { negated(isLess($0, $1)) },
    "Not": unary(negated), "And": binary(*), "Or": binary { $0.maximum($1) }, "Where": select,
    "ReduceProd": reduction(*), "ReduceSum": reduction(+),
    "ReduceMin": reduction { $0.minimum($1) }, "ReduceMax": reduction { $0.maximum($1) },
  ]

  // MARK: Shapes of functions

  private static func unary(_ function: @escaping @Sendable (Dimension) -> Dimension) -> PropagationFunction {
    { node in node.elements(0).map { $0.map(function).representable(as: node.elementType(0)) } }
  }

  private static func binary(
    _ function: @escaping @Sendable (Dimension, Dimension) -> Dimension
  ) -> PropagationFunction {
    { node in
      paired(node.grid(0), node.grid(1))?.map { function($0.a, $0.b) }.representable(as: node.elementType(0))
    }
  }

  private static func variadic(
    _ function: @escaping @Sendable (Dimension, Dimension) -> Dimension
  ) -> PropagationFunction {
    { node in
      guard var result = node.grid(0) else { return nil }
      for index in node.inputs.indices.dropFirst() {
        guard let next = node.grid(index), let sizes = broadcastSizes([result, next]),
          let pairs = paired(result, next),
          let both = ElementGrid(pairs.map { function($0.a, $0.b) }, sizes: sizes)
        else { return nil }
        result = both
      }
      return result.elements.representable(as: node.elementType(0))
    }
  }

  private static func reduction(
    _ function: @escaping @Sendable (Dimension, Dimension) -> Dimension
  ) -> PropagationFunction {
    { node in
      let requested = node.has(1) ? node.integers(1) : node.ints("axes") ?? []
      guard let data = node.grid(0), let requested,
        let axes = Shape(fixed: data.sizes).normalizedAxes(requested),
        !axes.isEmpty || !node.flag("noop_with_empty_axes")
      else { return nil }
      return data.reduced(axes.isEmpty ? Array(data.sizes.indices) : axes, function)?
        .representable(as: node.elementType(0))
    }
  }

  private static func broadcastSizes(_ grids: [ElementGrid]) -> [Int]? {
    grids.reduce(Shape?.some(.scalar)) { shape, grid in shape?.broadcast(with: Shape(fixed: grid.sizes)) }?
      .fixedSizes
  }

  /// Elements at the same place after broadcasting.
  private static func paired(_ a: ElementGrid?, _ b: ElementGrid?) -> [(a: Dimension, b: Dimension)]? {
    guard let a, let b, let sizes = broadcastSizes([a, b]), let a = a.broadcast(to: sizes),
      let b = b.broadcast(to: sizes)
    else { return nil }
    return zip(a.elements, b.elements).map { (a: $0, b: $1) }
  }

  // MARK: Functions

  /// Integers are divided towards zero; real numbers are followed only where the quotient is whole.
  @Sendable private static func divide(_ node: InferenceContext) -> [Dimension]? {
    guard let type = node.elementType(0) else { return nil }
    let quotient = type.isFloatingPoint ? { $0.exactlyDivided(by: $1) } : truncatedQuotient
    return paired(node.grid(0), node.grid(1))?.map { $0.b == 0 ? .unknown : quotient($0.a, $0.b) }
      .representable(as: type)
  }

  private static func truncatedQuotient(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let a = a.fixedSize, let b = b.fixedSize, b != 0 {
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      return overflow ? .unknown : .fixed(quotient)
    }
    guard a.isKnownNonNegative, b.isKnownNonNegative else { return a.exactlyDivided(by: b) }
    return a.floorDivided(by: b)
  }

  /// With the divisor's sign, or with `fmod` the dividend's.
  @Sendable private static func remainder(_ node: InferenceContext) -> [Dimension]? {
    let isTruncating = node.flag("fmod")
    return paired(node.grid(0), node.grid(1))?.map { a, b in
      guard let divisor = b.fixedSize, divisor > 0, !isTruncating || a.isKnownNonNegative else {
        return .unknown
      }
      return a - b * a.floorDivided(by: b)
    }.representable(as: node.elementType(0))
  }

  @Sendable private static func magnitude(_ a: Dimension) -> Dimension {
    if a.isKnownNonNegative { return a }
    return (0 - a).isKnownNonNegative ? 0 - a : .unknown
  }

  @Sendable private static func isLess(_ a: Dimension, _ b: Dimension) -> Dimension {
    if (b - a - 1).isKnownNonNegative { return 1 }
    return (a - b).isKnownNonNegative ? 0 : .unknown
  }

  @Sendable private static func negated(_ a: Dimension) -> Dimension {
    a.fixedSize.map { $0 == 0 ? 1 : 0 } ?? .unknown
  }

  private static func truth(_ isTrue: Bool?) -> Dimension {
    isTrue.map { $0 ? 1 : 0 } ?? .unknown
  }

  @Sendable private static func select(_ node: InferenceContext) -> [Dimension]? {
    let grids = (0..<3).compactMap { node.grid($0) }
    guard grids.count == 3, let sizes = broadcastSizes(grids) else { return nil }
    let operands = grids.compactMap { $0.broadcast(to: sizes)?.elements }
    guard operands.count == 3 else { return nil }
    return operands[0].indices.map { index in
      let (a, b) = (operands[1][index], operands[2][index])
      switch operands[0][index] {
      case .fixed(let isTrue): return isTrue != 0 ? a : b
      default: return a.isKnownEqual(to: b) ? a : .unknown
      }
    }
  }

  /// Whole numbers stay as they are.
  private static func rounding(_ round: @escaping @Sendable (Ratio) -> Dimension) -> PropagationFunction {
    { node in
      let rounded = node.input(0)?.ratio.map { [round($0)] }
      return (rounded ?? node.elements(0))?.representable(as: node.elementType(0))
    }
  }

  @Sendable private static func cast(_ node: InferenceContext) -> [Dimension]? {
    guard let target = node.elementType(attribute: "to") else { return nil }
    if let ratio = node.input(0)?.ratio {
      return target == .int64 || target == .int32 ? [ratio.truncated].representable(as: target) : nil
    }
    guard let elements = node.elements(0) else { return nil }
    guard target == .bool else { return elements.representable(as: target) }
    return elements.map { negated(negated($0)) }
  }
}

extension [Dimension] {
  /// Numbers that the type does not hold exactly become unknown: what runtimes make of them is their business.
  fileprivate func representable(as type: ElementType?) -> [Dimension] {
    let limit: Int
    switch type {
    case .int64: return self
    case .int32: limit = Int(Int32.max)
    case .float32: limit = 1 << 24
    case .float64: limit = 1 << 53
    case .bool: limit = 1
    default: return map { _ in .unknown }
    }
    return map { element in
      guard let number = element.fixedSize else { return element }
      return number >= -limit && number <= limit ? element : .unknown
    }
  }
}
