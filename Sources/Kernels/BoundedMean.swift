#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The mean of a distribution of which only a range is known, from independent samples in random order: bounds by
/// betting (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024).
///
/// They hold for every distribution and every number of samples, also where all samples seen are the same.
public struct BoundedMean: Hashable, Sendable {
  public let values: [Double]
  public let range: ClosedRange<Double>

  /// - Precondition: all values lie in the range.
  public init(_ values: [Double], in range: ClosedRange<Double>) {
    precondition(values.allSatisfy { range.contains($0) })
    self.values = values
    self.range = range
  }

  public var estimate: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

  /// A p-value of the hypothesis that the mean is `mean` or more: who bets against it, with odds that are fair or
  /// worse under it, multiplies a stake by k with a probability of at most 1/k (Ville's inequality).
  public func probability(ofAtLeast mean: Double) -> Double {
    guard mean > range.lowerBound else { return 1 }
    guard mean <= range.upperBound else { return 0 }
    // What a single sample can cost: three quarters of the stake, so that it is never lost.
    let boldest = 0.75 / max(range.upperBound - mean, 1e-12)
    var (capital, best) = (0.0, 0.0)
    // One imagined sample in the middle of the range for the mean, one a quarter of the range away for the spread.
    let width = range.upperBound - range.lowerBound
    var (count, sum, squares) = (1.0, (range.lowerBound + range.upperBound) / 2, width * width / 16)
    for value in values {
      let (seen, variance) = (sum / count, squares / count)
      let distance = mean - seen
      let bet = min(max(distance / (variance + distance * distance), 0), boldest)
      capital += log1p(bet * (mean - value))
      best = max(best, capital)
      count += 1
      sum += value
      let error = value - sum / count
      squares += error * error
    }
    return exp(-best)
  }

  /// Below which the mean lies, but for a probability of `error`.
  public func upperBound(error: Double) -> Double {
    var (low, high) = (min(max(estimate, range.lowerBound), range.upperBound), range.upperBound)
    while high - low > 1e-6 * (range.upperBound - range.lowerBound) {
      let middle = (low + high) / 2
      if probability(ofAtLeast: middle) > error { low = middle } else { high = middle }
    }
    return high
  }

  /// Between which the mean lies: each side errs with at most half of `error`.
  public func interval(error: Double) -> ClosedRange<Double> {
    let mirrored = BoundedMean(values.map { -$0 }, in: -range.upperBound...(-range.lowerBound))
    let upper = upperBound(error: error / 2)
    return min(-mirrored.upperBound(error: error / 2), upper)...upper
  }
}
