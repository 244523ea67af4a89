/// An integer expression over symbols, kept in one canonical form so that `==` is equality of polynomials:
/// a sum of terms, each a coefficient times a product of factors, sorted, without zeros.
///
/// Symbols stand for sizes, so they are non-negative integers. Every operation returns nil where the result
/// would overflow or grow beyond `maximumTerms`: callers then treat the size as unknown.
public struct DimensionExpression: Hashable, Sendable {
  /// What a term multiplies: a symbol, or an operation that has no polynomial form.
  public indirect enum Factor: Hashable, Sendable {
    case symbol(String)
    case floorDivision(DimensionExpression, by: DimensionExpression)
    case maximum(DimensionExpression, DimensionExpression)
    case minimum(DimensionExpression, DimensionExpression)
  }

  struct Term: Hashable, Sendable {
    var coefficient: Int
    /// Sorted by their text; empty for the constant term.
    var factors: [Factor]
  }

  static let maximumTerms = 64
  static let maximumDegree = 16

  /// Longer products first, then by text; the constant comes last.
  private(set) var terms: [Term]

  public static let zero = DimensionExpression(0)

  public init(_ constant: Int) {
    terms = constant == 0 ? [] : [Term(coefficient: constant, factors: [])]
  }

  public init(symbol: String) {
    terms = [Term(coefficient: 1, factors: [.symbol(symbol)])]
  }

  init(_ factor: Factor) {
    terms = [Term(coefficient: 1, factors: [factor])]
  }

  init(terms: [Term]) {
    self.terms = terms
  }

  /// The value, where no symbol is left.
  public var constant: Int? {
    if terms.isEmpty { return 0 }
    guard terms.count == 1, terms[0].factors.isEmpty else { return nil }
    return terms[0].coefficient
  }

  /// The factor, where the expression is a lone one.
  var factor: Factor? {
    guard terms.count == 1, terms[0].coefficient == 1, terms[0].factors.count == 1 else { return nil }
    return terms[0].factors[0]
  }

  /// The name, where the expression is a lone symbol.
  public var symbol: String? {
    if case .symbol(let name)? = factor { name } else { nil }
  }

  /// All symbols in the expression, sorted, each once.
  public var symbols: [String] {
    var found: Set<String> = []
    collectSymbols(into: &found)
    return found.sorted()
  }

  private func collectSymbols(into found: inout Set<String>) {
    for factor in terms.lazy.flatMap(\.factors) {
      switch factor {
      case .symbol(let name): found.insert(name)
      case .floorDivision(let a, by: let b), .maximum(let a, let b), .minimum(let a, let b):
        a.collectSymbols(into: &found)
        b.collectSymbols(into: &found)
      }
    }
  }
}

// MARK: Arithmetic

extension DimensionExpression {
  public func adding(_ other: DimensionExpression) -> DimensionExpression? {
    Self.sum(of: terms + other.terms)
  }

  public func subtracting(_ other: DimensionExpression) -> DimensionExpression? {
    guard let negated = other.multiplied(by: DimensionExpression(-1)) else { return nil }
    return adding(negated)
  }

  public func multiplied(by other: DimensionExpression) -> DimensionExpression? {
    guard terms.count * other.terms.count <= Self.maximumTerms else { return nil }
    var products: [Term] = []
    for left in terms {
      for right in other.terms {
        let (coefficient, overflow) = left.coefficient.multipliedReportingOverflow(by: right.coefficient)
        guard !overflow, left.factors.count + right.factors.count <= Self.maximumDegree else { return nil }
        products.append(
          Term(coefficient: coefficient, factors: Self.sorted(left.factors + right.factors)))
      }
    }
    return Self.sum(of: products)
  }

  /// ⌊self / divisor⌋ for a divisor that is not zero.
  ///
  /// Terms that the divisor divides leave the quotient exactly: ⌊(c·q + r)/c⌋ = q + ⌊r/c⌋.
  public func floorDivided(by divisor: DimensionExpression) -> DimensionExpression? {
    if divisor.constant == 0 { return nil }
    if let a = constant, let b = divisor.constant { return Self.floorQuotient(a, b) }
    if self == divisor { return DimensionExpression(1) }
    guard divisor.terms.count == 1 else {
      return DimensionExpression(.floorDivision(self, by: divisor))
    }
    let divided = terms.map { $0.divided(by: divisor.terms[0]) }
    let quotient = DimensionExpression(terms: divided.compactMap { $0 })
    let rest = DimensionExpression(terms: zip(terms, divided).filter { $0.1 == nil }.map(\.0))
    if rest.terms.isEmpty { return Self.sum(of: quotient.terms) }
    if let constant = divisor.constant {
      return rest.floorDividedRest(by: constant).flatMap { $0.adding(quotient) }
    }
    // With a symbolic divisor the split is exact only when nothing was split off.
    return DimensionExpression(.floorDivision(self, by: divisor))
  }

  /// ⌈self / divisor⌉ = ⌊(self + divisor − 1) / divisor⌋, for a positive divisor.
  public func ceilingDivided(by divisor: DimensionExpression) -> DimensionExpression? {
    adding(divisor)?.subtracting(DimensionExpression(1))?.floorDivided(by: divisor)
  }

  public func maximum(_ other: DimensionExpression) -> DimensionExpression {
    extremum(other, pick: max) { .maximum($0, $1) }
  }

  public func minimum(_ other: DimensionExpression) -> DimensionExpression {
    extremum(other, pick: min) { .minimum($0, $1) }
  }

  /// The value under `bindings`, or nil where a symbol is unbound, a divisor is zero, or a number overflows.
  public func evaluated(with bindings: [String: Int]) -> Int? {
    evaluated { bindings[$0] }
  }

  /// The same with each symbol's value from a function.
  public func evaluated(symbols: (String) -> Int?) -> Int? {
    var sum = 0
    for term in terms {
      var product = term.coefficient
      for factor in term.factors {
        guard let value = factor.evaluated(symbols: symbols) else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: value)
        guard !overflow else { return nil }
        product = next
      }
      let (next, overflow) = sum.addingReportingOverflow(product)
      guard !overflow else { return nil }
      sum = next
    }
    return sum
  }

  private func extremum(
    _ other: DimensionExpression, pick: (Int, Int) -> Int,
    factor: (DimensionExpression, DimensionExpression) -> Factor
  ) -> DimensionExpression {
    if self == other { return self }
    if let a = constant, let b = other.constant { return DimensionExpression(pick(a, b)) }
    let ordered = [self, other].sorted { $0.description < $1.description }
    return DimensionExpression(factor(ordered[0], ordered[1]))
  }

  private static func floorQuotient(_ a: Int, _ b: Int) -> DimensionExpression? {
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    guard !overflow else { return nil }
    let isExact = a % b == 0
    return DimensionExpression(isExact || (a < 0) == (b < 0) ? quotient : quotient - 1)
  }

  /// The part that is left after all multiples of `divisor` were taken out: its constant is brought into
  /// 0..<divisor, and a division of a division becomes one.
  private func floorDividedRest(by divisor: Int) -> DimensionExpression? {
    let offset = terms.last.map { $0.factors.isEmpty ? $0.coefficient : 0 } ?? 0
    guard let whole = Self.floorQuotient(offset, divisor)?.constant else { return nil }
    let (shift, overflow) = whole.multipliedReportingOverflow(by: divisor)
    guard !overflow, let rest = subtracting(DimensionExpression(shift)) else { return nil }
    if let constant = rest.constant { return Self.floorQuotient(constant, divisor)?.adding(.init(whole)) }
    if rest.terms.count == 1, rest.terms[0].coefficient == 1, rest.terms[0].factors.count == 1,
      divisor > 0, case .floorDivision(let inner, by: let first) = rest.terms[0].factors[0],
      let firstConstant = first.constant, firstConstant > 0
    {
      let (product, overflow) = firstConstant.multipliedReportingOverflow(by: divisor)
      guard !overflow else { return nil }
      return inner.floorDivided(by: DimensionExpression(product))?.adding(DimensionExpression(whole))
    }
    return DimensionExpression(.floorDivision(rest, by: DimensionExpression(divisor)))
      .adding(DimensionExpression(whole))
  }

  private static func sorted(_ factors: [Factor]) -> [Factor] {
    factors.count < 2 ? factors : factors.sorted { $0.description < $1.description }
  }

  /// Adds up terms with equal factors and drops zeros. There are few terms, so that no table is worth its cost.
  private static func sum(of terms: [Term]) -> DimensionExpression? {
    var sums: [Term] = []
    for term in terms {
      guard let index = sums.firstIndex(where: { $0.factors == term.factors }) else {
        sums.append(term)
        continue
      }
      let (sum, overflow) = sums[index].coefficient.addingReportingOverflow(term.coefficient)
      guard !overflow else { return nil }
      sums[index].coefficient = sum
    }
    sums.removeAll { $0.coefficient == 0 }
    guard sums.count <= maximumTerms else { return nil }
    return DimensionExpression(terms: sums.count < 2 ? sums : sums.sorted { $0.precedes($1) })
  }
}

extension DimensionExpression.Term {
  fileprivate func precedes(_ other: Self) -> Bool {
    guard factors.count == other.factors.count else { return factors.count > other.factors.count }
    return factors.lazy.map(\.description).lexicographicallyPrecedes(other.factors.lazy.map(\.description))
  }

  /// The quotient, where `divisor` divides this term.
  func divided(by divisor: Self) -> Self? {
    guard divisor.coefficient != 0, coefficient != Int.min, coefficient % divisor.coefficient == 0
    else { return nil }
    var rest = factors
    for factor in divisor.factors {
      guard let position = rest.firstIndex(of: factor) else { return nil }
      rest.remove(at: position)
    }
    return Self(coefficient: coefficient / divisor.coefficient, factors: rest)
  }
}

extension DimensionExpression.Factor {
  func evaluated(symbols: (String) -> Int?) -> Int? {
    switch self {
    case .symbol(let name): return symbols(name)
    case .floorDivision(let a, by: let b):
      guard let a = a.evaluated(symbols: symbols), let b = b.evaluated(symbols: symbols) else { return nil }
      return DimensionExpression(a).floorDivided(by: DimensionExpression(b))?.constant
    case .maximum(let a, let b):
      guard let a = a.evaluated(symbols: symbols), let b = b.evaluated(symbols: symbols) else { return nil }
      return max(a, b)
    case .minimum(let a, let b):
      guard let a = a.evaluated(symbols: symbols), let b = b.evaluated(symbols: symbols) else { return nil }
      return min(a, b)
    }
  }
}
