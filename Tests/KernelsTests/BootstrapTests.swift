import Testing

@testable import Kernels

@Suite struct BootstrapTests {
  /// Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, §14.2: the variance (divisor n) of the spatial
  /// test data A, whose 90 % interval by BCa is 115.8 to 259.6 with 2000 resamples.
  @Test func asPublishedForAVariance() {
    let values: [Double] = [
      48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41,
    ]
    let bootstrap = Bootstrap(samples: values.count, resamples: 20_000, seed: 1) { counts in
      let mean = zip(counts, values).reduce(0) { $0 + $1.0 * $1.1 } / 26
      return zip(counts, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) } / 26
    }
    #expect(abs(bootstrap.estimate - 171.5) < 0.05)
    let interval = bootstrap.interval(error: 0.1)
    #expect(abs(interval.lowerBound - 115.8) < 4 && abs(interval.upperBound - 259.6) < 8, "\(interval)")
  }

  @Test func boundsAgreeWithTheProbability() {
    var random = Xoshiro256(seed: 2)
    let values = random.uniforms(200).map { $0 * $0 }
    let bootstrap = Bootstrap(meanOf: values, resamples: 4000, seed: 3)
    for error in [0.2, 0.05, 0.01] {
      let bound = bootstrap.upperBound(error: error)
      #expect(abs(bootstrap.probability(ofAtLeast: bound) - error) < 2e-3)
    }
  }

  /// Macro-F1 is no mean over samples: all of it is computed anew for each resample.
  @Test func metricsOfWholeDataSets() {
    var random = Xoshiro256(seed: 4)
    let labels = (0..<300).map { _ in random.index(below: 3) }
    let answers = labels.map { random.uniform() < 0.8 ? $0 : random.index(below: 3) }
    func macroF1(_ counts: [Double]) -> Double {
      (0..<3).reduce(0) { sum, label in
        var (right, wrong) = (0.0, 0.0)
        for (index, count) in counts.enumerated() {
          if labels[index] == label && answers[index] == label {
            right += 2 * count
          } else if labels[index] == label || answers[index] == label {
            wrong += count
          }
        }
        return sum + (right + wrong == 0 ? 0 : right / (right + wrong)) / 3
      }
    }
    let bootstrap = Bootstrap(samples: 300, resamples: 1000, seed: 5, statistic: macroF1)
    let interval = bootstrap.interval(error: 0.05)
    #expect(interval.contains(bootstrap.estimate) && interval.contains(0.8667))
    #expect(interval.upperBound - interval.lowerBound < 0.1)
  }

  @Test func aConstantHasNoSpread() {
    let bootstrap = Bootstrap(meanOf: [2, 2, 2], resamples: 10, seed: 1)
    #expect(bootstrap.interval(error: 0.05) == 2...2)
    #expect(bootstrap.probability(ofAtLeast: 2) == 1 && bootstrap.probability(ofAtLeast: 3) == 0)
  }
}

@Suite struct BoundedMeanTests {
  @Test func boundsAgreeWithTheTest() {
    var random = Xoshiro256(seed: 2)
    let mean = BoundedMean(random.uniforms(300), in: 0...1)
    let bound = mean.upperBound(error: 0.05)
    #expect(bound > mean.estimate && bound < mean.estimate + 0.1)
    #expect(mean.probability(ofAtLeast: bound + 1e-4) <= 0.05)
    #expect(mean.interval(error: 0.05).contains(0.5))
  }

  @Test func noDifferenceIsNotCertainty() {
    let bound = BoundedMean([Double](repeating: 0, count: 400), in: -1...1).upperBound(error: 0.05)
    #expect(bound > 0.0075 && bound < 0.012)
    #expect(BoundedMean([], in: -1...1).probability(ofAtLeast: 0.5) == 1)
  }

  /// Half of the answers to each of two questions: rare losses of a half, the hardest case for a bootstrap, which
  /// sees none in many draws.
  @Test func theErrorIsKeptForSkewedLosses() {
    var random = Xoshiro256(seed: 6)
    let accepted = (0..<1000).count { _ in
      let losses = random.uniforms(200).map { $0 < 0.02 ? 0.5 : 0 }
      return BoundedMean(losses, in: -1...1).probability(ofAtLeast: 0.01) <= 0.05
    }
    #expect(accepted <= 50, "\(accepted) of 1000")
  }
}
