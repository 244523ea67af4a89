#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The natural logarithm of Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) where it has 15 digits, and below by
/// Γ(x) = Γ(x + 1) / x.
func logGamma(_ x: Double) -> Double {
  var (x, product) = (x, 1.0)
  while x < 12 {
    product *= x
    x += 1
  }
  let inverse = 1 / (x * x)
  let series =
    (1 / 12.0 - inverse * (1 / 360.0 - inverse * (1 / 1260.0 - inverse * (1 / 1680.0 - inverse / 1188)))) / x
  return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series - log(product)
}

/// The probability of exactly `successes` in `count` independent trials.
public func binomialProbability(_ successes: Int, of count: Int, probability: Double) -> Double {
  guard successes >= 0, successes <= count else { return 0 }
  let (k, n) = (Double(successes), Double(count))
  if probability <= 0 { return successes == 0 ? 1 : 0 }
  if probability >= 1 { return successes == count ? 1 : 0 }
  let choices = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
  return exp(choices + k * log(probability) + (n - k) * log1p(-probability))
}

/// The probability of at most `successes` in `count` independent trials.
public func binomialCumulative(_ successes: Int, of count: Int, probability: Double) -> Double {
  if successes < 0 { return 0 }
  if successes >= count || probability <= 0 { return 1 }
  if probability >= 1 { return 0 }
  return regularizedBeta(1 - probability, Double(count - successes), Double(successes + 1))
}

/// The regularized incomplete beta function I_x(a, b) for a, b > 0, by the continued fraction DLMF 8.17.22,
/// evaluated with the modified method of Lentz.
func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  // The fraction converges fast below the mean only; above, by symmetry.
  if x > (a + 1) / (a + b + 2) { return 1 - regularizedBeta(1 - x, b, a) }
  let logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
  return min(1, exp(logFront) / a / betaFraction(x, a, b))
}

/// 1 + d₁/(1 + d₂/(1 + …)) with the coefficients of DLMF 8.17.23.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  var (value, numerator, denominator) = (1.0, 1.0, 0.0)
  for step in 1...10_000 {
    let m = Double(step / 2)
    let coefficient =
      step.isMultiple(of: 2)
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    denominator = 1 + coefficient * denominator
    denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
    numerator = 1 + coefficient / numerator
    if abs(numerator) < tiny { numerator = tiny }
    value *= numerator * denominator
    if abs(numerator * denominator - 1) < 1e-14 { break }
  }
  return value
}

/// The exact two-sided interval of a probability from `successes` in `count` trials (Clopper and Pearson, "The use
/// of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26, 1934): each side errs
/// with at most half of `error`.
public func binomialInterval(_ successes: Int, of count: Int, error: Double) -> ClosedRange<Double> {
  /// The root of a function of the probability that falls from above `error` / 2 to below.
  func root(_ tail: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while high - low > 1e-12 {
      let middle = (low + high) / 2
      if tail(middle) > error / 2 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
  let upper =
    successes >= count ? 1 : root { binomialCumulative(successes, of: count, probability: $0) }
  let lower =
    successes <= 0
    ? 0 : 1 - root { binomialCumulative(count - successes, of: count, probability: $0) }
  return min(lower, upper)...upper
}
