import Kernels

/// How fast a candidate is against the baseline, from runs measured in interleaved rounds. Never a lone
/// absolute time: machines differ, and drift within minutes.
public struct LatencyComparison: Codable, Hashable, Sendable {
  /// median(candidate) / median(baseline): below 1 is faster.
  public var ratio: Double
  /// Of the ratio, at 95 %: percentile bootstrap over rounds, seeded.
  public var lowerBound: Double
  public var upperBound: Double
  /// Seconds.
  public var baselineMedian: Double
  public var candidateMedian: Double
  public var rounds: Int
  /// The exact two-sided probability that chance alone makes one of them faster in as many rounds.
  public var signTestProbability: Double

  /// - Parameters: seconds of each round, in the same order.
  /// - Throws: `DatasetError` where the counts differ or there is no round.
  public init(baseline: [Double], candidate: [Double], resamples: Int = 1000, seed: UInt64 = 1) throws {
    guard baseline.count == candidate.count, !baseline.isEmpty, baseline.allSatisfy({ $0 > 0 }) else {
      throw DatasetError("\(candidate.count) rounds cannot be paired with \(baseline.count)")
    }
    baselineMedian = median(baseline)
    candidateMedian = median(candidate)
    ratio = candidateMedian / baselineMedian
    let ratios = bootstrapMedianRatios(candidate, baseline, resamples: resamples, seed: seed).sorted()
    let interval = percentileInterval(ratios, confidence: 0.95)
    lowerBound = interval.lowerBound
    upperBound = interval.upperBound
    rounds = baseline.count
    let faster = zip(candidate, baseline).count { $0 < $1 }
    let slower = zip(candidate, baseline).count { $0 > $1 }
    signTestProbability = signTest(smaller: min(faster, slower), count: faster + slower)
  }
}
