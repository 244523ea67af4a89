import TensorCore
import Testing

@testable import Evaluation

@Suite struct MetricTests {
  @Test func topAccuracyCountsTheLabelAmongTheBest() throws {
    let scores = try Tensor(float32: [0.1, 0.9, 0, 0.8, 0.1, 0.1, 0.2, 0.3, 0.5], [3, 3])
    let labels = try Tensor(int64: [1, 1, 1])
    let top1 = try Metric(.topAccuracy(k: 1), output: "y").scores(of: scores, against: labels)
    let top2 = try Metric(.topAccuracy(k: 2), output: "y").scores(of: scores, against: labels)
    #expect(top1.values == [1, 0, 0] && top2.values == [1, 1, 1])
  }

  @Test func eachPixelIsADecision() throws {
    // [N, C, W] with W = 2, and the same as [N, W, C].
    let labels = try Tensor(int64: [0, 1], [1, 2])
    let metric = Metric(.topAccuracy(k: 1), output: "y")
    let channelsFirst = try Tensor(float32: [5, 5, 1, 1, 0, 0], [1, 3, 2])
    #expect(try metric.scores(of: channelsFirst, against: labels).values == [0.5])
    let channelsLast = try Tensor(float32: [5, 1, 0, 1, 5, 0], [1, 2, 3])
    #expect(try metric.scores(of: channelsLast, against: labels).values == [1])
  }

  @Test func notANumberIsWrongAndCounted() throws {
    let output = try Tensor(float32: [.nan, 9, 0, 1], [2, 2])
    let labels = try Tensor(int64: [1, 1])
    let top1 = try Metric(.topAccuracy(k: 1), output: "y").scores(of: output, against: labels)
    #expect(top1 == SampleScores(values: [0, 1], isNonFinite: [true, false]))
    let error = try Metric(.relativeError, output: "y").scores(
      of: output, against: Tensor(float32: [1, 9, 0, 1], [2, 2]))
    #expect(error == SampleScores(values: [.infinity, 0], isNonFinite: [true, false]))
    #expect(Metric(.relativeError, output: "y").worsening(from: 0, to: error.mean) == .infinity)
  }

  @Test func theSameNotANumberInTheOriginalIsFine() throws {
    let output = try Tensor(float32: [.nan, 9], [1, 2])
    #expect(try Metric(.relativeError, output: "y").scores(of: output, against: output).nonFiniteSamples == 0)
  }

  @Test func rSquaredIsTheMeanOfItsParts() throws {
    let labels = try Tensor(float32: [1, 2, 3, 4])
    let output = try Tensor(float32: [1.1, 1.9, 3.2, 3.8], [4, 1])
    let scores = try Metric(.rSquared, output: "y").scores(of: output, against: labels)
    #expect(abs(scores.mean - (1 - 0.1 / 5)) < 1e-6)
  }

  @Test func similaritiesCompareWithTheOriginal() throws {
    let original = try Tensor(float32: [3, 4, 0, 5], [2, 2])
    let output = try Tensor(float32: [3, 4, 5, 0], [2, 2])
    let error = try Metric(.relativeError, output: "y").scores(of: output, against: original)
    let cosine = try Metric(.cosineSimilarity, output: "y").scores(of: output, against: original)
    let agreement = try Metric(.agreement, output: "y").scores(of: output, against: original)
    #expect(error.values[0] == 0 && abs(error.values[1] - 2.0.squareRoot()) < 1e-12)
    #expect(cosine.values == [1, 0] && agreement.values == [1, 0])
  }

  @Test func aBudgetIsAbsoluteInTheUnitIntervalAndElseRelative() {
    #expect(abs(Metric(.topAccuracy(k: 1), output: "y").worsening(from: 0.91, to: 0.905) - 0.005) < 1e-12)
    #expect(Metric(.meanSquaredError, output: "y").worsening(from: 200, to: 202) == 0.01)
    #expect(Metric(.relativeError, output: "y").worsening(from: 0, to: 0.02) == 0.02)
  }
}

@Suite struct MetricChoiceTests {
  private func metric(_ outputs: [(String, Tensor)], _ labels: Tensor?, named: String? = nil) throws -> Metric
  {
    try MetricChoice(outputs: outputs.map { (name: $0.0, values: $0.1) }, labels: labels, named: named).metric
  }

  private func floats(_ sizes: [Int]) throws -> Tensor {
    let count = sizes.reduce(1, *)
    return try Tensor(float32: (0..<count).map { Float($0) }, sizes)
  }

  @Test func integerLabelsWantLabelsOrScores() throws {
    let labels = try Tensor(.uint8, rounding: [0, 1], [2])
    let scores = ("scores", try floats([2, 3]))
    #expect(try metric([scores], labels) == Metric(.topAccuracy(k: 1), output: "scores"))
    #expect(try metric([scores, ("label", Tensor(int64: [1, 0]))], labels).kind == .labelAccuracy)
    #expect(try metric([("p", floats([2, 1]))], labels).kind == .thresholdAccuracy(threshold: 0.5))
    #expect(try metric([("p", floats([2]))], Tensor(int64: [7, 9])).kind == .rSquared)
  }

  @Test func floatLabelsAreRegression() throws {
    #expect(try metric([("y", floats([2, 1]))], floats([2])).kind == .rSquared)
  }

  @Test func withoutLabelsTheOriginalIsTheMeasure() throws {
    #expect(try metric([("y", floats([2, 3]))], nil).kind == .agreement)
    #expect(try metric([("y", floats([2, 3, 4, 4]))], nil).kind == .relativeError)
    #expect(try metric([("label", Tensor(strings: ["a", "b"]))], nil).kind == .agreement)
  }

  @Test func theNamedOutputDecides() throws {
    let outputs = [("a", try floats([2, 3])), ("b", try floats([2, 4]))]
    #expect(try metric(outputs, Tensor(int64: [0, 1]), named: "b").output == "b")
    let error = #expect(throws: DatasetError.self) { try metric(outputs, nil, named: "c") }
    #expect(error?.message == "the model has no output 'c', its outputs are 'a', 'b'")
  }

  @Test func labelsBeyondTheClassesAreRefused() throws {
    let error = #expect(throws: DatasetError.self) {
      try metric([("y", floats([2, 3]))], Tensor(int64: [0, 3]))
    }
    #expect(
      error?.description
        == "array 'labels': the label 3 is no class: the output 'y' has the classes 0 to 2")
  }

  @Test func nearlyConstantOutputsAreSeen() throws {
    #expect(try Tensor(float32: [1, 5, 1, 5.0001], [2, 2]).isNearlyConstant)
    #expect(try !Tensor(float32: [1, 5, 2, 5], [2, 2]).isNearlyConstant)
    #expect(try Tensor(float32: [1, 5, 2, 9], [2, 2]).hasOneDecision)
    #expect(try Tensor(strings: ["a", "a"]).isNearlyConstant)
  }
}

@Suite struct StatisticsTests {
  @Test func zerosAndOnesAreComparedExactly() throws {
    let both = [Double](repeating: 1, count: 36)
    let baseline = both + [Double](repeating: 1, count: 12) + [0, 0]
    let candidate = both + [Double](repeating: 0, count: 12) + [1, 1]
    let comparison = try PairedComparison(baseline: baseline, candidate: candidate)
    #expect(comparison.method == .exact && comparison.loss == 0.2)
    #expect(comparison.worse == 12 && comparison.better == 2)
    #expect(comparison.interval().contains(0.2) && comparison.interval().lowerBound > 0.05)
    #expect(abs(comparison.signTestProbability - 0.01293945) < 1e-7)
  }

  @Test func scoresOfAKnownRangeAreComparedByBetting() throws {
    let baseline = (0..<200).map { $0.isMultiple(of: 3) ? 0.5 : 1.0 }
    let comparison = try PairedComparison(baseline: baseline, candidate: baseline, range: 0...1)
    #expect(comparison.method == .betting && comparison.loss == 0)
    #expect(comparison.upperBound(error: 0.05) > 0.01, "200 samples without a difference prove little")
    #expect(throws: DatasetError.self) {
      try PairedComparison(baseline: [0.5, 7], candidate: [0.5, 1], range: 0...1)
    }
  }

  @Test func bootstrapCoversTheMeanAndFollowsTheSeed() throws {
    var random = RandomSource(seed: 5)
    let baseline = random.uniforms(500)
    let candidate = zip(baseline, random.normals(500)).map { $0 + 0.1 + 0.01 * $1 }
    let comparison = try PairedComparison(baseline: baseline, candidate: candidate, direction: .lowerIsBetter)
    let interval = comparison.interval()
    #expect(comparison.method == .bootstrap && interval.contains(comparison.loss) && interval.contains(0.1))
    #expect(interval.upperBound - interval.lowerBound < 0.003)
    let again = try PairedComparison(baseline: baseline, candidate: candidate, direction: .lowerIsBetter)
    #expect(again.interval() == interval)
  }

  @Test func latencyRatioHasAnInterval() throws {
    var random = RandomSource(seed: 5)
    let baseline = random.uniforms(50).map { 1 + 0.1 * $0 }
    let comparison = try LatencyComparison(baseline: baseline, candidate: baseline.map { $0 / 2 })
    #expect(comparison.ratio == 0.5 && comparison.signTestProbability < 1e-12)
    #expect(comparison.lowerBound <= 0.5 && comparison.upperBound >= 0.5)
    #expect(comparison.lowerBound > 0.47 && comparison.upperBound < 0.53)
  }

  @Test func theSignTest() {
    #expect(signTest(smaller: 0, count: 5) == 0.0625)
  }
}
