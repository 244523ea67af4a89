#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The probability that a standard normal variable stays below `quantile`.
public func normalCumulative(_ quantile: Double) -> Double { 0.5 * erfc(-quantile / 2.0.squareRoot()) }

/// The number that a standard normal variable stays below with this probability, within 1e-9; −10 and 10 stand
/// for what lies beyond.
public func normalQuantile(_ probability: Double) -> Double {
  var (low, high) = (-10.0, 10.0)
  while high - low > 1e-10 {
    let middle = (low + high) / 2
    if normalCumulative(middle) < probability { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
