extension DimensionExpression {
  /// Whether the value is at least 0 whatever sizes the symbols stand for. (False also where it is not known.)
  public var isKnownNonNegative: Bool {
    terms.allSatisfy { $0.coefficient >= 0 && $0.factors.allSatisfy(\.isKnownNonNegative) }
  }

  /// The quotient, where every term is a multiple of `divisor`; nil otherwise, and for more than one term
  /// in the divisor unless both are the same.
  public func exactlyDivided(by divisor: DimensionExpression) -> DimensionExpression? {
    if self == divisor, divisor.constant != 0 { return DimensionExpression(1) }
    guard divisor.terms.count == 1 else { return nil }
    let quotients = terms.compactMap { $0.divided(by: divisor.terms[0]) }
    guard quotients.count == terms.count else { return nil }
    // Dividing by a monomial keeps terms apart, but may change their order.
    return quotients.reduce(.zero) { sum, term in
      sum.flatMap { $0.adding(DimensionExpression(terms: [term])) }
    }
  }
}

extension DimensionExpression.Factor {
  fileprivate var isKnownNonNegative: Bool {
    switch self {
    case .symbol: true
    case .floorDivision(let a, by: let b): a.isKnownNonNegative && b.isKnownNonNegative
    case .maximum(let a, let b): a.isKnownNonNegative || b.isKnownNonNegative
    case .minimum(let a, let b): a.isKnownNonNegative && b.isKnownNonNegative
    }
  }
}

extension Dimension {
  /// Whether the size is at least 0 whatever the symbols stand for.
  public var isKnownNonNegative: Bool {
    switch self {
    case .unknown: false
    case .fixed(let size): size >= 0
    case .symbolic(let expression): expression.isKnownNonNegative
    }
  }

  /// The quotient, where the divisor divides it for every value of the symbols (those that cancel are taken
  /// to be positive); else unknown.
  public func exactlyDivided(by divisor: Dimension) -> Dimension {
    guard let expression, let divisor = divisor.expression else { return .unknown }
    return Dimension(expression.exactlyDivided(by: divisor))
  }

  /// Whether both are the same size, where that is known.
  public func isEqual(to other: Dimension) -> Bool? {
    if isKnownEqual(to: other) { return true }
    guard self != .unknown, other != .unknown else { return nil }
    switch self - other {
    case .fixed: return false
    case .unknown: return nil
    case .symbolic(let difference):
      // Sizes that differ by a non-negative amount plus at least one are never the same.
      let isPositive = (Dimension(difference) - 1).isKnownNonNegative
      let isNegative = (other - self - 1).isKnownNonNegative
      return isPositive || isNegative ? false : nil
    }
  }
}
