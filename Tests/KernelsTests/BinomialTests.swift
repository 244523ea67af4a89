import Testing

@testable import Kernels

@Suite struct BinomialTests {
  @Test func quantilesOfTheNormalDistribution() {
    #expect(abs(normalQuantile(0.975) - 1.959963985) < 1e-8)
    #expect(abs(normalCumulative(-1.644853627) - 0.05) < 1e-9)
  }

  @Test(arguments: [(0.5, 0.5723649429247001), (12, 17.502307845873887), (101, 363.73937555556347)])
  func theGammaFunction(_ x: Double, _ expected: Double) {
    #expect(abs(logGamma(x) - expected) < 1e-12 * expected)
  }

  @Test(arguments: [(3, 20, 0.1, 0.8670466765656649), (500, 100_000, 0.0051, 0.33881173835522777)])
  func cumulativeProbabilities(_ successes: Int, _ count: Int, _ probability: Double, _ expected: Double) {
    #expect(
      abs(binomialCumulative(successes, of: count, probability: probability) - expected) < 1e-9)
  }

  @Test(arguments: [1, 7, 60])
  func singleProbabilitiesAddUp(_ count: Int) {
    for probability in [0, 0.01, 0.37, 0.999, 1] {
      var sum = 0.0
      for successes in 0...count {
        sum += binomialProbability(successes, of: count, probability: probability)
        let cumulative = binomialCumulative(successes, of: count, probability: probability)
        #expect(abs(cumulative - sum) < 1e-12)
      }
    }
  }

  /// Clopper and Pearson: quantiles of beta distributions, and for no success 1 − (error / 2)^(1/n).
  @Test func theIntervalOfAProportion() {
    let interval = binomialInterval(5, of: 100, error: 0.05)
    #expect(abs(interval.lowerBound - 0.016431879182) < 1e-9)
    #expect(abs(interval.upperBound - 0.112834911103) < 1e-9)
    let none = binomialInterval(0, of: 300, error: 0.1)
    #expect(none.lowerBound == 0 && abs(none.upperBound - 0.00993608) < 1e-7)
    #expect(binomialInterval(3, of: 3, error: 0.1).upperBound == 1)
  }
}
