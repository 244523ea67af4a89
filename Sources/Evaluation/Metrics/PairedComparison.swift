import Kernels

/// How much worse a candidate scores than the baseline on the same samples, with what chance alone could do.
///
/// Pairing takes out what makes samples easy or hard: only differences remain.
public struct PairedComparison: Sendable {
  public enum Method: String, Codable, Hashable, Sendable {
    /// For scores 0 and 1: the exact unconditional test of `DiscordantPairs`. Its bounds hold for any number of
    /// samples.
    case exact
    /// For other scores of a known range: `BoundedMean`. Its bounds hold for any number of samples, too.
    case betting
    /// For scores without a range, and metrics that are no mean over samples: `Bootstrap`, seeded. Its bounds are
    /// approximate.
    case bootstrap
    /// For numbers that are too dear to resample: `Jackknife`. Its bounds are approximate.
    case jackknife
  }

  /// The mean of the baseline's score − the candidate's, or the reverse where low scores are good: positive where
  /// the candidate is worse.
  public let loss: Double
  /// Of the losses of single samples.
  public let standardDeviation: Double
  public let count: Int
  public let method: Method
  /// Samples that the candidate has worse, or better; where there are no single ones, 1 if it is worse, or better.
  public let worse: Int
  public let better: Int
  private let evidence: Evidence

  /// Of a statistic of the whole data set.
  /// - Parameters:
  ///   - losses: of single samples, to first order.
  ///   - statistic: the loss itself, resampled.
  init(losses: [Double], statistic: Bootstrap) {
    count = losses.count
    loss = statistic.estimate
    let mean = losses.reduce(0, +) / Double(max(count, 1))
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = count < 2 ? 0 : (squares / Double(count - 1)).squareRoot()
    worse = losses.count { $0 > 0 }
    better = losses.count { $0 < 0 }
    method = .bootstrap
    evidence = .bootstrap(statistic)
  }

  private enum Evidence: Sendable {
    case exact(DiscordantPairs)
    case betting(BoundedMean)
    case bootstrap(Bootstrap)
    case jackknife(Jackknife)
  }

  /// Of a loss of all samples together.
  public init(_ jackknife: Jackknife, count: Int) {
    self.count = count
    loss = jackknife.estimate
    standardDeviation = jackknife.standardError * Double(count).squareRoot()
    (worse, better) = (loss > 0 ? 1 : 0, loss < 0 ? 1 : 0)
    method = .jackknife
    evidence = .jackknife(jackknife)
  }

  /// - Parameters:
  ///   - range: of one sample's score, where the metric has one.
  ///   - baseline: scores, in random order.
  /// - Throws: `DatasetError` where the counts differ, there is no sample, or a score is not finite or out of range.
  public init(
    baseline: [Double], candidate: [Double], direction: Metric.Direction = .higherIsBetter,
    range: ClosedRange<Double>? = nil, seed: UInt64 = 1, resamples: Int = 4000
  ) throws {
    guard baseline.count == candidate.count, !baseline.isEmpty else {
      throw DatasetError("\(candidate.count) scores cannot be paired with \(baseline.count)")
    }
    let sign: Double = direction == .higherIsBetter ? 1 : -1
    let losses = zip(baseline, candidate).map { sign * ($0 - $1) }
    guard losses.allSatisfy(\.isFinite) else { throw DatasetError("a score is not finite") }
    count = losses.count
    let mean = losses.reduce(0, +) / Double(count)
    loss = mean
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = count < 2 ? 0 : (squares / Double(count - 1)).squareRoot()
    worse = losses.count { $0 > 0 }
    better = losses.count { $0 < 0 }
    if baseline.allSatisfy({ $0 == 0 || $0 == 1 }), candidate.allSatisfy({ $0 == 0 || $0 == 1 }) {
      method = .exact
      evidence = .exact(DiscordantPairs(losses: worse, gains: better, count: count))
    } else if let range {
      let width = range.upperBound - range.lowerBound
      guard losses.allSatisfy({ abs($0) <= width * (1 + 1e-9) }) else {
        throw DatasetError("a score is not in \(range)")
      }
      method = .betting
      evidence = .betting(BoundedMean(losses.map { min(max($0, -width), width) }, in: -width...width))
    } else {
      method = .bootstrap
      evidence = .bootstrap(Bootstrap(meanOf: losses, resamples: resamples, seed: seed))
    }
  }

  /// A p-value of the hypothesis that the true loss is `loss` or more: how easily chance alone makes the candidate
  /// look as good as it does.
  public func probability(ofLossAtLeast loss: Double) -> Double {
    switch evidence {
    case .exact(let pairs): pairs.probability(ofDropAtLeast: loss)
    case .betting(let mean): mean.probability(ofAtLeast: loss)
    case .bootstrap(let bootstrap): bootstrap.probability(ofAtLeast: loss)
    case .jackknife(let jackknife): jackknife.probability(ofAtLeast: loss)
    }
  }

  /// Below which the true loss lies, but for a probability of `error`.
  public func upperBound(error: Double) -> Double {
    switch evidence {
    case .exact(let pairs): pairs.upperBound(error: error)
    case .betting(let mean): mean.upperBound(error: error)
    case .bootstrap(let bootstrap): bootstrap.upperBound(error: error)
    case .jackknife(let jackknife): jackknife.upperBound(error: error)
    }
  }

  /// Between which the true loss lies: each side errs with half of what is left of the confidence.
  public func interval(confidence: Double = 0.95) -> ClosedRange<Double> {
    switch evidence {
    case .exact(let pairs): pairs.interval(error: 1 - confidence)
    case .betting(let mean): mean.interval(error: 1 - confidence)
    case .bootstrap(let bootstrap): bootstrap.interval(error: 1 - confidence)
    case .jackknife(let jackknife): jackknife.interval(error: 1 - confidence)
    }
  }

  /// The exact two-sided probability that chance alone divides the samples in which the models differ as
  /// unevenly (McNemar's test, a sign test where scores are not 0 and 1).
  public var signTestProbability: Double { signTest(smaller: min(worse, better), count: worse + better) }
}
