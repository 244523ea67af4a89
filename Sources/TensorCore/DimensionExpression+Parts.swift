extension DimensionExpression {
  /// One term of the sum: a number times a product of factors (none in the constant term).
  public struct Summand: Hashable, Sendable {
    public let coefficient: Int
    public let factors: [Factor]
  }

  /// The terms of the sum in canonical order; none for 0.
  public var summands: [Summand] {
    terms.map { Summand(coefficient: $0.coefficient, factors: $0.factors) }
  }

  /// The sum of `summands`; nil where it overflows.
  public init?(_ summands: some Sequence<Summand>) {
    var sum = DimensionExpression.zero
    for summand in summands {
      let term = Term(coefficient: summand.coefficient, factors: summand.factors)
      guard let next = sum.adding(DimensionExpression(terms: [term])) else { return nil }
      sum = next
    }
    self = sum
  }
}

extension DimensionExpression.Summand {
  public init(_ coefficient: Int, times factors: [DimensionExpression.Factor] = []) {
    self.coefficient = coefficient
    self.factors = factors
  }
}
