/// How uncertain a number is that is computed from all samples at once, and too dear to resample: the delete-a-group
/// jackknife (Shao and Tu, The Jackknife and Bootstrap, 1995, ch. 2). It is computed again without each of a few
/// groups of samples; the bounds are those of Student's t with one degree of freedom less than there are groups. They
/// are approximate, and meant for numbers that hardly depend on any single sample.
public struct Jackknife: Hashable, Sendable {
  public let estimate: Double
  /// Infinite where there are fewer than two groups.
  public let standardError: Double
  private let freedom: Double

  /// - Parameters:
  ///   - estimate: the number of all samples.
  ///   - values: the number without each of the groups, which are of about one size.
  public init(estimate: Double, leavingOut values: [Double]) {
    self.estimate = estimate
    freedom = Double(max(values.count - 1, 1))
    guard values.count > 1 else {
      standardError = .infinity
      return
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError = (squares * freedom / Double(values.count)).squareRoot()
  }

  /// Below which the true number lies, but for a probability of about `error`.
  public func upperBound(error: Double) -> Double { estimate + margin(error) }

  /// Between which it lies: each side errs with about half of `error`.
  public func interval(error: Double) -> ClosedRange<Double> {
    let margin = max(margin(error / 2), 0)
    return (estimate - margin)...(estimate + margin)
  }

  /// A p-value of the hypothesis that the true number is `value` or more.
  public func probability(ofAtLeast value: Double) -> Double {
    guard standardError > 0 else { return estimate >= value ? 1 : 0 }
    return 1 - studentCumulative((value - estimate) / standardError, freedom: freedom)
  }

  private func margin(_ error: Double) -> Double {
    standardError == 0 ? 0 : standardError * studentQuantile(1 - error, freedom: freedom)
  }
}

/// The probability that a variable with Student's t distribution is at most `t` (DLMF 8.17, I_x(ν/2, 1/2)).
public func studentCumulative(_ t: Double, freedom: Double) -> Double {
  guard t.isFinite else { return t > 0 ? 1 : t < 0 ? 0 : 0.5 }
  let tail = regularizedBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/// The inverse of `studentCumulative`, by bisection.
public func studentQuantile(_ probability: Double, freedom: Double) -> Double {
  guard probability > 0, probability < 1 else { return probability <= 0 ? -.infinity : .infinity }
  var (low, high) = (-1.0, 1.0)
  while studentCumulative(low, freedom: freedom) > probability, low > -1e12 { low *= 2 }
  while studentCumulative(high, freedom: freedom) < probability, high < 1e12 { high *= 2 }
  for _ in 0..<100 {
    let middle = (low + high) / 2
    if studentCumulative(middle, freedom: freedom) < probability { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
