import Testing

@testable import Kernels

@Suite struct JackknifeTests {
  /// The quantiles of printed tables.
  @Test(arguments: [
    (0.975, 1.0, 12.706), (0.975, 3, 3.182), (0.95, 19, 1.729), (0.975, 19, 2.093), (0.5, 7, 0),
  ])
  func quantilesOfStudentsT(_ probability: Double, _ freedom: Double, _ quantile: Double) {
    #expect(abs(studentQuantile(probability, freedom: freedom) - quantile) < 1e-3)
    #expect(abs(studentCumulative(quantile, freedom: freedom) - probability) < 1e-4)
    #expect(abs(studentQuantile(1 - probability, freedom: freedom) + quantile) < 1e-3)
  }

  /// Where each group is one sample, the jackknife of a mean is its standard error.
  @Test func theErrorOfAMean() {
    let values = [0.3, 1.7, -2, 4, 0.5, 0.9, -1.1]
    let mean = values.reduce(0, +) / 7
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
    let jackknife = Jackknife(estimate: mean, leavingOut: values.map { (mean * 7 - $0) / 6 })
    #expect(abs(jackknife.standardError - (variance / 7).squareRoot()) < 1e-12)
    let interval = jackknife.interval(error: 0.05)
    #expect(abs(interval.upperBound - (mean + 2.447 * jackknife.standardError)) < 1e-3)
    #expect(abs(interval.lowerBound + interval.upperBound - 2 * mean) < 1e-12)
  }

  @Test func boundAndProbabilityAgree() {
    let jackknife = Jackknife(estimate: 0.004, leavingOut: [0.003, 0.0045, 0.004, 0.0038, 0.0047])
    for error in [0.2, 0.05, 0.01] {
      let bound = jackknife.upperBound(error: error)
      #expect(abs(jackknife.probability(ofAtLeast: bound) - error) < 1e-6)
    }
  }

  @Test func withoutSpreadThereIsNoDoubt() {
    let jackknife = Jackknife(estimate: 0, leavingOut: [0, 0, 0])
    #expect(jackknife.interval(error: 0.05) == 0...0)
    #expect(jackknife.probability(ofAtLeast: 0.01) == 0 && jackknife.probability(ofAtLeast: 0) == 1)
  }

  @Test func oneGroupTellsNothing() {
    #expect(Jackknife(estimate: 1, leavingOut: [1]).upperBound(error: 0.05) == .infinity)
  }
}
