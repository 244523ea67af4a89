import Testing

@testable import Kernels

@Suite struct DiscordantPairsTests {
  /// Airway hyper-responsiveness before and after transplantation (Bentur et al., 2009), as Fagerland, Lydersen and
  /// Laake evaluate it ("Recommended tests and confidence intervals for paired binomial proportions", Statistics in
  /// Medicine 33, 2014): Tango's interval is 0.026 to 0.517.
  @Test func tangosScoreAsPublished() {
    let pairs = DiscordantPairs(losses: 7, gains: 1, count: 21)
    #expect(abs(pairs.score(ofDrop: 0.026) - 1.96) < 5e-3)
    #expect(abs(pairs.score(ofDrop: 0.517) + 1.96) < 5e-3)
    #expect(pairs.score(ofDrop: 6.0 / 21) == 0)
  }

  /// From a sum over all outcomes at 1500 values of the unknown probability.
  @Test(arguments: [
    (0, 0, 300, 0.01, 0.0490509), (3, 0, 300, 0.05, 0.0005046), (12, 2, 50, 0.3, 0.0918959),
    (2, 1, 150, 0.01, 0.5569944), (0, 5, 100, -0.02, 0.0729005),
  ])
  func exactProbabilities(_ losses: Int, _ gains: Int, _ count: Int, _ drop: Double, _ expected: Double) {
    let pairs = DiscordantPairs(losses: losses, gains: gains, count: count)
    #expect(abs(pairs.probability(ofDropAtLeast: drop) - expected) < 1e-5)
  }

  /// Where nothing differs, the bound is that of a proportion of which nothing was seen: 1 − error^(1/n).
  @Test func noDifferenceIsNotCertainty() {
    let pairs = DiscordantPairs(losses: 0, gains: 0, count: 300)
    #expect(abs(pairs.upperBound(error: 0.05) - 0.009936) < 1e-5)
    let interval = pairs.interval(error: 0.05)
    #expect(interval.lowerBound == -interval.upperBound)
  }

  @Test func boundsAgreeWithTheTest() {
    for (losses, gains) in [(0, 0), (3, 1), (10, 12), (40, 2)] {
      let pairs = DiscordantPairs(losses: losses, gains: gains, count: 120)
      let bound = pairs.upperBound(error: 0.05)
      #expect(pairs.probability(ofDropAtLeast: bound + 1e-5) <= 0.05)
      #expect(pairs.probability(ofDropAtLeast: bound - 1e-5) > 0.05)
      #expect(pairs.interval(error: 0.1).contains(pairs.drop))
    }
  }

  @Test func whatCannotBeIsAnswered() {
    #expect(DiscordantPairs(losses: 0, gains: 0, count: 0).upperBound(error: 0.05) == 1)
    #expect(DiscordantPairs(losses: 5, gains: 0, count: 5).upperBound(error: 0.05) == 1)
    let pairs = DiscordantPairs(losses: 1, gains: 0, count: 10)
    #expect(pairs.probability(ofDropAtLeast: 1.5) == 0 && pairs.probability(ofDropAtLeast: -1) == 1)
  }

  /// Over all outcomes of few samples, summed up and not simulated: plans at the budget are accepted with a
  /// probability of at most the error, whatever the probability of gains, and not much less.
  @Test(arguments: [(20, 0.1, 0.05), (40, 0.05, 0.05), (40, 0.1, 0.025)])
  func theErrorIsKeptExactly(_ count: Int, _ drop: Double, _ error: Double) {
    var accepted: [DiscordantPairs] = []
    for gains in 0...count {
      for losses in 0...(count - gains) {
        let pairs = DiscordantPairs(losses: losses, gains: gains, count: count)
        guard pairs.probability(ofDropAtLeast: drop) <= error else { break }
        accepted.append(pairs)
      }
    }
    var worst = 0.0
    for gain in stride(from: 0, through: (1 - drop) / 2, by: 0.01) {
      let probability = accepted.reduce(0) { sum, pairs in
        sum + binomialProbability(pairs.gains, of: count, probability: gain)
          * binomialProbability(
            pairs.losses, of: count - pairs.gains, probability: (gain + drop) / (1 - gain))
      }
      worst = max(worst, probability)
    }
    #expect(worst <= error && worst > error / 3, "\(worst)")
  }
}
