import Kernels
import TensorCore

/// The difference of two models' mean scores on the same samples, candidate − baseline, with what chance
/// alone could do.
public struct PairedComparison: Hashable, Sendable {
  public enum Method: String, Codable, Hashable, Sendable {
    /// For scores 0 and 1: Newcombe, "Improved confidence intervals for the difference between binomial
    /// proportions based on paired data", Statistics in Medicine 17 (1998), method 10.
    case newcombe
    /// For other scores: percentile bootstrap of the mean difference (Efron, 1979), seeded.
    case bootstrap
  }

  public var difference: Double
  /// Of the difference, at the confidence level.
  public var interval: ClosedRange<Double>
  public var method: Method
  /// Samples that the baseline alone, or the candidate alone, has better.
  public var baselineOnly: Int
  public var candidateOnly: Int

  /// - Throws: `DatasetError` where the counts differ, there is no sample, or a score is not finite.
  public init(
    baseline: [Double], candidate: [Double], confidence: Double = 0.95, seed: UInt64 = 1,
    resamples: Int = 2000
  ) throws {
    guard baseline.count == candidate.count, !baseline.isEmpty else {
      throw DatasetError("\(candidate.count) scores cannot be paired with \(baseline.count)")
    }
    let differences = zip(candidate, baseline).map { $0 - $1 }
    guard differences.allSatisfy(\.isFinite) else { throw DatasetError("a score is not finite") }
    difference = differences.reduce(0, +) / Double(differences.count)
    baselineOnly = differences.count { $0 < 0 }
    candidateOnly = differences.count { $0 > 0 }
    let isBinary = (baseline + candidate).allSatisfy { $0 == 0 || $0 == 1 }
    method = isBinary ? .newcombe : .bootstrap
    if isBinary {
      let both = zip(baseline, candidate).count { $0 == 1 && $1 == 1 }
      interval = Self.newcombe(
        both: both, candidateOnly: candidateOnly, baselineOnly: baselineOnly, count: baseline.count,
        z: normalQuantile(1 - (1 - confidence) / 2))
    } else {
      let means = bootstrapMeans(of: differences, resamples: resamples, seed: seed).sorted()
      interval = percentileInterval(means, confidence: confidence)
    }
  }

  /// The exact two-sided probability that chance alone divides the samples in which the models differ as
  /// unevenly (McNemar's test, a sign test where scores are not 0 and 1).
  public var signTestProbability: Double {
    signTest(smaller: min(baselineOnly, candidateOnly), count: baselineOnly + candidateOnly)
  }

  private static func newcombe(
    both: Int, candidateOnly: Int, baselineOnly: Int, count: Int, z: Double
  ) -> ClosedRange<Double> {
    let n = Double(count)
    let (a, b, c) = (Double(both), Double(candidateOnly), Double(baselineOnly))
    let d = n - a - b - c
    let candidate = (a + b) / n
    let baseline = (a + c) / n
    let first = wilson(candidate, n, z)
    let second = wilson(baseline, n, z)
    let margins = (a + b) * (c + d) * (a + c) * (b + d)
    var product = a * d - b * c
    // The continuity correction of the paper: only towards zero.
    if product > 0 { product = max(product - n / 2, 0) }
    let phi = margins > 0 ? product / margins.squareRoot() : 0
    let (l1, u1) = (candidate - first.lowerBound, first.upperBound - candidate)
    let (l2, u2) = (baseline - second.lowerBound, second.upperBound - baseline)
    let below = max(0, l1 * l1 - 2 * phi * l1 * u2 + u2 * u2).squareRoot()
    let above = max(0, u1 * u1 - 2 * phi * u1 * l2 + l2 * l2).squareRoot()
    let difference = candidate - baseline
    return (difference - below)...(difference + above)
  }

  /// Wilson's score interval of a proportion (1927).
  private static func wilson(_ proportion: Double, _ n: Double, _ z: Double) -> ClosedRange<Double> {
    let centre = (2 * n * proportion + z * z) / (2 * (n + z * z))
    let root = (z * z + 4 * n * proportion * (1 - proportion)).squareRoot()
    let half = z * root / (2 * (n + z * z))
    return min(proportion, centre - half)...max(proportion, centre + half)
  }
}
