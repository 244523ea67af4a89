import GraphIR
import TensorCore

extension ElementPropagation {
  static let arithmetic: [String: PropagationFunction] = [
    "Add": binary(+), "Sub": binary(-), "Mul": binary(*), "Div": divide, "Mod": binary(remainder),
    "Min": variadic { $0.minimum($1) }, "Max": variadic { $0.maximum($1) },
    "Sum": variadic(+),
    "Neg": unary { 0 - $0 }, "Abs": unary(magnitude),
    // Only whole numbers are followed.
    "Floor": unary { $0 }, "Ceil": unary { $0 }, "Round": unary { $0 },
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
      guard let a = node.elements(0), let b = node.elements(1) else { return nil }
      return paired(a, b)?.map { function($0.a, $0.b) }.representable(as: node.elementType(0))
    }
  }

  private static func variadic(
    _ function: @escaping @Sendable (Dimension, Dimension) -> Dimension
  ) -> PropagationFunction {
    { node in
      guard var result = node.elements(0) else { return nil }
      for index in node.inputs.indices.dropFirst() {
        guard let next = node.elements(index), let pairs = paired(result, next) else { return nil }
        result = pairs.map { function($0.a, $0.b) }
      }
      return result.representable(as: node.elementType(0))
    }
  }

  /// Of all elements of a vector.
  private static func reduction(
    _ function: @escaping @Sendable (Dimension, Dimension) -> Dimension
  ) -> PropagationFunction {
    { node in
      let axes = node.has(1) ? node.integers(1) : node.ints("axes") ?? []
      guard let elements = node.elements(0), node.rank(0) == 1, let first = elements.first, let axes,
        !axes.isEmpty || !node.flag("noop_with_empty_axes")
      else { return nil }
      return [elements.dropFirst().reduce(first, function)].representable(as: node.elementType(0))
    }
  }

  /// Elements at the same place, where a single one of either operand goes with all of the other.
  private static func paired(_ a: [Dimension], _ b: [Dimension]) -> [(a: Dimension, b: Dimension)]? {
    if a.count == b.count { return zip(a, b).map { (a: $0, b: $1) } }
    if a.count == 1 { return b.map { (a: a[0], b: $0) } }
    if b.count == 1 { return a.map { (a: $0, b: b[0]) } }
    return nil
  }

  // MARK: Functions

  /// Integers are divided towards zero; real numbers are followed only where the quotient is whole.
  @Sendable private static func divide(_ node: InferenceContext) -> [Dimension]? {
    guard let a = node.elements(0), let b = node.elements(1), let type = node.elementType(0) else {
      return nil
    }
    let quotient = type.isFloatingPoint ? { $0.exactlyDivided(by: $1) } : truncatedQuotient
    return paired(a, b)?.map { $0.b == 0 ? .unknown : quotient($0.a, $0.b) }.representable(as: type)
  }

  private static func truncatedQuotient(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let a = a.fixedSize, let b = b.fixedSize, b != 0 {
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      return overflow ? .unknown : .fixed(quotient)
    }
    guard a.isKnownNonNegative, b.isKnownNonNegative else { return a.exactlyDivided(by: b) }
    return a.floorDivided(by: b)
  }

  @Sendable private static func remainder(_ a: Dimension, _ b: Dimension) -> Dimension {
    guard let a = a.fixedSize, let b = b.fixedSize, a >= 0, b > 0 else { return .unknown }
    return .fixed(a % b)
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
    guard let condition = node.elements(0), let a = node.elements(1), let b = node.elements(2),
      let sides = paired(a, b)
    else { return nil }
    let count = max(condition.count, sides.count)
    guard [1, count].contains(condition.count), [1, count].contains(sides.count) else { return nil }
    return (0..<count).map { index in
      let side = sides[sides.count == 1 ? 0 : index]
      switch condition[condition.count == 1 ? 0 : index] {
      case .fixed(let isTrue): return isTrue != 0 ? side.a : side.b
      default: return side.a.isKnownEqual(to: side.b) ? side.a : .unknown
      }
    }
  }

  @Sendable private static func cast(_ node: InferenceContext) -> [Dimension]? {
    guard let target = node.elementType(attribute: "to"), let elements = node.elements(0) else { return nil }
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
