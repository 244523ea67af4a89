/// What a number that is computed from samples could have been with other samples of the same kind: the
/// bias-corrected and accelerated bootstrap, BCa (Efron, "Better bootstrap confidence intervals", JASA 82, 1987).
///
/// Its bounds are approximate: their error goes to the one asked for as the samples grow.
public struct Bootstrap: Hashable, Sendable {
  public let estimate: Double
  /// Of the resamples, ascending.
  private let values: [Double]
  /// Φ⁻¹ of the share of resamples below the estimate.
  private let bias: Double
  private let acceleration: Double

  /// - Parameter statistic: the number, where each sample counts as often as it says. It is one of the whole data
  ///   set, such as macro-F1, as well as a mean.
  public init(samples: Int, resamples: Int, seed: UInt64, statistic: (_ counts: [Double]) -> Double) {
    var random = Xoshiro256(seed: seed)
    estimate = statistic([Double](repeating: 1, count: samples))
    var counts = [Double](repeating: 0, count: samples)
    values = (0..<max(resamples, 1)).map { _ in
      for index in counts.indices { counts[index] = 0 }
      for _ in 0..<samples { counts[random.index(below: samples)] += 1 }
      return statistic(counts)
    }.sorted()
    bias = Self.normal(shareBelow: estimate, of: values)
    acceleration = Self.acceleration(samples: samples, statistic)
  }

  /// Of the mean of `values`.
  public init(meanOf values: [Double], resamples: Int, seed: UInt64) {
    let total = Double(max(values.count, 1))
    self.init(samples: values.count, resamples: resamples, seed: seed) { counts in
      var sum = 0.0
      for index in counts.indices { sum += counts[index] * values[index] }
      return sum / total
    }
  }

  /// A sixth of the skewness of the jackknife's values, samples left out in at most 200 groups.
  private static func acceleration(samples: Int, _ statistic: ([Double]) -> Double) -> Double {
    let groups = min(samples, 200)
    guard groups > 1 else { return 0 }
    var counts = [Double](repeating: 1, count: samples)
    let left = (0..<groups).map { group in
      let members = stride(from: group, to: samples, by: groups)
      for index in members { counts[index] = 0 }
      defer { for index in members { counts[index] = 1 } }
      return statistic(counts)
    }
    let mean = left.reduce(0, +) / Double(groups)
    let squares = left.reduce(0) { $0 + (mean - $1) * (mean - $1) }
    let cubes = left.reduce(0) { $0 + (mean - $1) * (mean - $1) * (mean - $1) }
    return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
  }

  /// Φ⁻¹ of the share of `values` below `value`, those equal to it counted half, never quite 0 or 1.
  private static func normal(shareBelow value: Double, of values: [Double]) -> Double {
    let below = values.partitionIndex { $0 >= value }
    let notAbove = values.partitionIndex { $0 > value }
    let (count, middle) = (Double(values.count), Double(below + notAbove) / 2)
    return normalQuantile(min(max(middle, 0.5), count - 0.5) / count)
  }

  // MARK: Bounds

  /// Below which the true number lies, but for a probability of about `error`.
  public func upperBound(error: Double) -> Double { quantile(normalQuantile(1 - error)) }

  /// Between which it lies: each side errs with about half of `error`.
  public func interval(error: Double) -> ClosedRange<Double> {
    let upper = upperBound(error: error / 2)
    return min(quantile(normalQuantile(error / 2)), upper)...upper
  }

  private func quantile(_ z: Double) -> Double {
    let shifted = bias + z
    let share = normalCumulative(bias + shifted / max(1 - acceleration * shifted, 1e-3))
    return values[min(values.count - 1, max(0, Int((share * Double(values.count)).rounded(.down))))]
  }

  /// About the smallest error whose upper bound is `value` or less: the evidence that the true number is as large.
  public func probability(ofAtLeast value: Double) -> Double {
    guard let first = values.first, let last = values.last else { return 1 }
    guard first < last else { return first >= value ? 1 : 0 }
    let shifted = Self.normal(shareBelow: value, of: values) - bias
    return 1 - normalCumulative(shifted / max(1 + acceleration * shifted, 1e-3) - bias)
  }
}

extension [Double] {
  /// The first index where `isBehind` holds, for ascending elements of which it holds from some place on.
  fileprivate func partitionIndex(_ isBehind: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
