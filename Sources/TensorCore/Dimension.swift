/// The size of one axis: a number, an expression over symbols such as `2*N+1`, or unknown.
///
/// Two unknown sizes are equal as values of this type but not known to be the same size: decide with
/// `isKnownEqual(to:)`.
public enum Dimension: Hashable, Sendable {
  case unknown
  case fixed(Int)
  case symbolic(DimensionExpression)

  /// The dimension that `expression` describes; a number where no symbol is left, unknown for nil.
  public init(_ expression: DimensionExpression?) {
    switch expression {
    case nil: self = .unknown
    case let expression?: self = expression.constant.map(Dimension.fixed) ?? .symbolic(expression)
    }
  }

  public static func symbol(_ name: String) -> Dimension {
    .symbolic(DimensionExpression(symbol: name))
  }

  public var expression: DimensionExpression? {
    switch self {
    case .unknown: nil
    case .fixed(let size): DimensionExpression(size)
    case .symbolic(let expression): expression
    }
  }

  public var fixedSize: Int? {
    if case .fixed(let size) = self { size } else { nil }
  }

  public var isUnknown: Bool { self == .unknown }

  /// Whether both are the same size for every value of the symbols.
  public func isKnownEqual(to other: Dimension) -> Bool {
    self != .unknown && self == other
  }

  /// Whether both are fixed and differ.
  public func contradicts(_ other: Dimension) -> Bool {
    guard let a = fixedSize, let b = other.fixedSize else { return false }
    return a != b
  }

  /// Of two descriptions of the same size, the one that says more.
  public func refined(by other: Dimension) -> Dimension {
    switch (self, other) {
    case (.unknown, _): other
    case (.symbolic, .fixed): other
    default: self
    }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) {
    self = .fixed(value)
  }
}

extension Dimension: ExpressibleByStringLiteral {
  /// A symbol.
  public init(stringLiteral name: String) {
    self = .symbol(name)
  }
}

extension Dimension: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknown: "?"
    case .fixed(let size): "\(size)"
    case .symbolic(let expression): expression.description
    }
  }
}

// MARK: Arithmetic; whatever is unknown or overflows gives `unknown`

extension Dimension {
  public static func + (a: Dimension, b: Dimension) -> Dimension {
    if b == .fixed(0) { return a }
    return fixed(a, b) { $0.addingReportingOverflow($1) } ?? combine(a, b) { $0.adding($1) }
  }

  public static func - (a: Dimension, b: Dimension) -> Dimension {
    if b == .fixed(0) { return a }
    return fixed(a, b) { $0.subtractingReportingOverflow($1) } ?? combine(a, b) { $0.subtracting($1) }
  }

  /// A product with a fixed zero is zero, whatever the other is.
  public static func * (a: Dimension, b: Dimension) -> Dimension {
    if a == .fixed(0) || b == .fixed(0) { return .fixed(0) }
    if a == .fixed(1) { return b }
    if b == .fixed(1) { return a }
    return fixed(a, b) { $0.multipliedReportingOverflow(by: $1) } ?? combine(a, b) { $0.multiplied(by: $1) }
  }

  public func floorDivided(by divisor: Dimension) -> Dimension {
    divisor == .fixed(1) ? self : Self.combine(self, divisor) { $0.floorDivided(by: $1) }
  }

  public func ceilingDivided(by divisor: Dimension) -> Dimension {
    Self.combine(self, divisor) { $0.ceilingDivided(by: $1) }
  }

  public func maximum(_ other: Dimension) -> Dimension {
    Self.combine(self, other) { $0.maximum($1) }
  }

  public func minimum(_ other: Dimension) -> Dimension {
    Self.combine(self, other) { $0.minimum($1) }
  }

  /// The result for two numbers; nil for anything else.
  private static func fixed(
    _ a: Dimension, _ b: Dimension, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> Dimension? {
    guard case .fixed(let a) = a, case .fixed(let b) = b else { return nil }
    let (value, overflow) = operation(a, b)
    return overflow ? .unknown : .fixed(value)
  }

  private static func combine(
    _ a: Dimension, _ b: Dimension,
    _ operation: (DimensionExpression, DimensionExpression) -> DimensionExpression?
  ) -> Dimension {
    guard let a = a.expression, let b = b.expression else { return .unknown }
    return Dimension(operation(a, b))
  }
}
