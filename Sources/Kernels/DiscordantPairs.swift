#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How often one of two models is right where the other is wrong, on the same samples: all that a difference of
/// two accuracies rests on.
public struct DiscordantPairs: Hashable, Sendable {
  /// Samples that only the baseline has right.
  public let losses: Int
  /// Samples that only the candidate has right.
  public let gains: Int
  public let count: Int

  /// - Precondition: no count is negative, and all samples are at least those that differ.
  public init(losses: Int, gains: Int, count: Int) {
    precondition(losses >= 0 && gains >= 0 && losses + gains <= count)
    self.losses = losses
    self.gains = gains
    self.count = count
  }

  /// By how much the candidate's accuracy is lower.
  public var drop: Double { count == 0 ? 0 : Double(losses - gains) / Double(count) }

  private var exchanged: DiscordantPairs { DiscordantPairs(losses: gains, gains: losses, count: count) }

  // MARK: Score

  /// Tango's score statistic of the hypothesis that the true drop is `drop` ("Equivalence test and confidence
  /// interval for the difference in proportions for the paired-sample design", Statistics in Medicine 17, 1998):
  /// about standard normal under it, the lower the more samples speak for less.
  public func score(ofDrop drop: Double) -> Double {
    let n = Double(count)
    let (b, c) = (Double(losses), Double(gains))
    let linear = (2 * n - b + c) * drop - b - c
    let constant = -c * drop * (1 - drop)
    // The likeliest probability of a gain under the hypothesis.
    let gain = ((max(0, linear * linear - 8 * n * constant)).squareRoot() - linear) / (4 * n)
    let variance = n * (2 * gain + drop * (1 - drop))
    let distance = b - c - n * drop
    guard variance > 0 else { return distance == 0 ? 0 : distance > 0 ? .infinity : -.infinity }
    return distance / variance.squareRoot()
  }

  // MARK: Exact test

  /// The share of the error that goes to where the unknown probability of a gain is looked for.
  private static let nuisanceError = 1e-5

  /// An exact p-value of the hypothesis that the true drop is `drop` or more: the largest probability, over the
  /// unknown probability of a gain, of samples that speak against it as clearly as these.
  ///
  /// The unconditional test with the order of Tango's score (Hsueh, Liu and Chen, "Unconditional exact tests for
  /// equivalence or noninferiority for paired binary endpoints", Biometrics 57, 2001), with the unknown probability
  /// restricted to its own interval (Berger and Boos, JASA 89, 1994), whose error is added.
  public func probability(ofDropAtLeast drop: Double) -> Double {
    guard count > 0, drop < 1 else { return drop > 1 ? 0 : 1 }
    guard drop > -1 else { return 1 }
    let seen = binomialInterval(gains, of: count, error: Self.nuisanceError)
    let low = max(seen.lowerBound, max(0, -drop))
    let high = min(seen.upperBound, (1 - drop) / 2)
    // No probability that the hypothesis allows goes with so few or so many gains.
    guard low <= high else { return Self.nuisanceError }
    let tail = Tail(of: self, drop: drop)
    return min(1, maximum(from: low, to: high) { tail.probability(gain: $0) } + Self.nuisanceError)
  }

  /// The largest value of `body`, by a grid that is even in the arcsine of the root, where a binomial's spread is
  /// the same everywhere, and by a finer one around the best.
  private func maximum(from low: Double, to high: Double, _ body: (Double) -> Double) -> Double {
    var (first, last) = (asin(low.squareRoot()), asin(high.squareRoot()))
    var best = 0.0
    for steps in [40, 8] where last > first || best == 0 {
      let width = (last - first) / Double(steps)
      var place = first
      for step in 0...steps {
        let angle = first + Double(step) * width
        let value = body(min(max(sin(angle) * sin(angle), low), high))
        if value > best { (best, place) = (value, angle) }
      }
      (first, last) = (max(first, place - width), min(last, place + width))
    }
    return best
  }

  /// The outcomes whose score is as low as that of one outcome, or lower: for each number of gains, the losses up
  /// to a limit that grows with it.
  private struct Tail {
    let count: Int
    let drop: Double
    let limit: Double

    init(of pairs: DiscordantPairs, drop: Double) {
      count = pairs.count
      self.drop = drop
      // Scores that differ by rounding only are the same.
      limit = pairs.score(ofDrop: drop) + 1e-9
    }

    func probability(gain: Double) -> Double {
      let loss = gain + drop
      guard gain < 1 else { return 1 }
      // Beyond nine standard deviations, and a few counts more for small means, nothing adds up to 1e-12.
      let spread = 9 * (Double(count) * gain * (1 - gain)).squareRoot() + (gain > 0 ? 30 : 0)
      let first = max(0, Int((Double(count) * gain - spread).rounded(.down)))
      let last = min(count, Int((Double(count) * gain + spread).rounded(.up)))
      var (sum, losses) = (0.0, -1)
      for gains in first...last {
        losses = limitOfLosses(for: gains, atLeast: losses)
        guard losses >= 0 else { continue }
        sum +=
          binomialProbability(gains, of: count, probability: gain)
          * binomialCumulative(losses, of: count - gains, probability: min(1, max(0, loss / (1 - gain))))
      }
      return sum
    }

    /// −1 for none.
    private func limitOfLosses(for gains: Int, atLeast start: Int) -> Int {
      func isInside(_ losses: Int) -> Bool {
        DiscordantPairs(losses: losses, gains: gains, count: count).score(ofDrop: drop) <= limit
      }
      // The score grows with the losses, and falls with the gains.
      var (inside, outside) = (min(start, count - gains), count - gains + 1)
      var stride = 1
      while inside + stride < outside {
        guard isInside(inside + stride) else {
          outside = inside + stride
          break
        }
        inside += stride
        stride *= 2
      }
      while outside - inside > 1 {
        let middle = (inside + outside) / 2
        if isInside(middle) { inside = middle } else { outside = middle }
      }
      return inside
    }
  }

  // MARK: Bounds

  /// Below which the true drop lies, but for a probability of `error`: the drops that the test does not refuse.
  public func upperBound(error: Double) -> Double {
    guard count > 0 else { return 1 }
    var (low, high) = (drop, 1.0)
    while high - low > 1e-6 {
      // Close to the estimate first, where the bound lies for many samples.
      let near = min(low + max(4 * (low - drop), 4 / Double(count)), (low + 1) / 2)
      let middle = high == 1 ? near : (low + high) / 2
      if probability(ofDropAtLeast: middle) > error { low = middle } else { high = middle }
    }
    return high
  }

  /// Between which the true drop lies: each side errs with at most half of `error`.
  public func interval(error: Double) -> ClosedRange<Double> {
    let upper = upperBound(error: error / 2)
    return min(-exchanged.upperBound(error: error / 2), upper)...upper
  }
}
