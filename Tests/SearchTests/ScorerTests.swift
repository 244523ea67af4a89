import Evaluation
import TensorCore
import Testing

@testable import Search

@Suite struct ScorerTests {
  /// R² divides by the variance of labels: of all samples, or portions would not be comparable with the baseline.
  @Test func portionsAreScoredLikeTheWhole() throws {
    let labels = try Tensor(float32: (0..<40).map { Float($0) })
    let outputs = try Tensor(float32: zip(noise(40), 0..<40).map { $0 + Float($1) }, [40, 1])
    var scorer = Scorer(metric: Metric(.rSquared, output: "y"), labels: labels)
    try scorer.setBaseline(outputs, for: Array(0..<40))
    for portion in [0..<5, 5..<40, 7..<8] {
      let losses = try scorer.losses(outputs.rows(Array(portion)), for: Array(portion))
      #expect(losses.allSatisfy { abs($0) < 1e-12 }, "\(losses)")
    }
  }

  /// Macro-F1 is no mean over samples: losses are of first order, and the comparison is of the metric itself.
  @Test func metricsOfClassTotalsHaveLossesOfSamples() throws {
    let labels = (0..<200).map { $0 % 4 }
    let metric = Metric(.macroF1(threshold: nil), output: "y")
    var scorer = Scorer(metric: metric, labels: try Tensor(int64: labels))
    try scorer.setBaseline(Tensor(int64: labels), for: Array(0..<200))
    #expect(abs(scorer.baselineMean(over: Array(0..<200)) - 1) < 1e-12)
    let worse = try Tensor(int64: labels.enumerated().map { $0 % 40 == 1 ? 0 : $1 })
    let losses = try scorer.losses(worse, for: Array(0..<200))
    #expect(losses.count { $0 > 0 } == 5 && losses.count { $0 == 0 } == 195)
    let samples = SampleSet(
      dataset: EvaluationClient().dataset(try Dataset(source: "", columns: [.init("x", worse)])),
      indices: Array(0..<200))
    let comparison = try scorer.comparison(worse, on: samples, seed: 1)
    let mean = losses.reduce(0, +) / 200
    #expect(comparison.worse == 5 && abs(comparison.loss - mean) < 0.1 * mean, "\(comparison.loss), \(mean)")
  }

  @Test func onlySamplesOfTheBaselineCount() throws {
    let labels = try Tensor(int64: [0, 1, 1, 0])
    var scorer = Scorer(metric: Metric(.topAccuracy(k: 1), output: "y"), labels: labels)
    let right = try Tensor(float32: [0, 1, 1, 0], [2, 2])
    try scorer.setBaseline(right, for: [2, 3])
    #expect(scorer.baselineMean(over: [2, 3]) == 1)
    #expect(try scorer.losses(Tensor(float32: [1, 0, 1, 0], [2, 2]), for: [2, 3]) == [1, 0])
    #expect(try scorer.losses(Tensor(float32: [1, 0], [1, 2]), for: [3]) == [0])
  }

  @Test func losingIsPositiveAlsoWhereLowIsGood() throws {
    var scorer = Scorer(metric: Metric(.meanSquaredError, output: "y"), labels: try Tensor(float32: [1, 2]))
    try scorer.setBaseline(Tensor(float32: [1, 2], [2, 1]), for: [0, 1])
    #expect(try scorer.losses(Tensor(float32: [1, 4], [2, 1]), for: [0, 1]) == [0, 4])
  }

  @Test func agreementComparesWithTheOriginalsAnswers() throws {
    var scorer = Scorer(metric: Metric(.agreement, output: "y"), labels: nil)
    try scorer.setBaseline(Tensor(float32: [0, 1, 1, 0, 0, 1], [3, 2]), for: [5, 1, 9])
    #expect(scorer.baselineMean(over: [1, 5, 9]) == 1)
    #expect(try scorer.losses(Tensor(float32: [0, 2, 0, 2], [2, 2]), for: [9, 1]) == [0, 1])
  }

  @Test func outputsThatAreNotFiniteAreRefused() throws {
    var scorer = Scorer(metric: Metric(.topAccuracy(k: 1), output: "y"), labels: try Tensor(int64: [0, 1]))
    try scorer.setBaseline(Tensor(float32: [1, 0], [1, 2]), for: [0])
    #expect(throws: (any Error).self) { try scorer.losses(Tensor(float32: [.nan, 0], [1, 2]), for: [0]) }
  }
}
