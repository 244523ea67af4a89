import Foundation

/// The probability that `count` fair coins divide at least as unevenly as `smaller` against the rest.
func signTest(smaller: Int, count: Int) -> Double {
  guard count > 0 else { return 1 }
  var sum = 0.0
  for heads in 0...max(0, smaller) {
    let choices = lgamma(Double(count) + 1) - lgamma(Double(heads) + 1) - lgamma(Double(count - heads) + 1)
    sum += exp(choices - Double(count) * log(2.0))
  }
  return min(1, 2 * sum)
}

/// The middle part of sorted resampled statistics.
func percentileInterval(_ sorted: [Double], confidence: Double) -> ClosedRange<Double> {
  guard let first = sorted.first, let last = sorted.last else { return 0...0 }
  let tail = (1 - confidence) / 2
  func quantile(_ share: Double) -> Double {
    sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count - 1)).rounded())))]
  }
  return max(first, quantile(tail))...min(last, quantile(1 - tail))
}
