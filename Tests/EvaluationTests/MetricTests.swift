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

  @Test func macroF1WeighsClassesAlike() throws {
    let labels = try Tensor(int64: [0, 0, 0, 5])
    let metric = Metric(.macroF1(threshold: nil), output: "y")
    let answers = try Tensor(int64: [0, 0, 0, 0])
    let scores = try metric.scores(of: answers, against: labels)
    #expect(abs(scores.mean - 3 / 7.0) < 1e-12 && metric.scoreRange == nil)
    let text = try Tensor(strings: ["a", "a", "b", "b"])
    let same = try metric.scores(of: Tensor(strings: ["a", "a", "b", "c"]), against: text)
    #expect(abs(same.mean - (1 + 2 / 3.0) / 2) < 1e-12)
  }

  @Test func oneScoreIsADecisionByItsThreshold() throws {
    let scores = try Tensor(float32: [0.2, 0.7, 0.9, .nan], [4, 1])
    let metric = Metric(.macroF1(threshold: 0.5), output: "y")
    let result = try metric.scores(of: scores, against: Tensor(int64: [0, 1, 1, 0]))
    #expect(abs(result.mean - (2 / 3.0 + 1) / 2) < 1e-12 && result.nonFiniteSamples == 1)
  }

  /// Two images of two pixels, three classes; the label 255 does not count.
  @Test(arguments: [[2, 2], [2, 1, 2]])
  func meanIoUOfImages(_ sizes: [Int]) throws {
    let labels = try Tensor(.uint8, rounding: [0, 1, 1, 255], sizes)
    let scores = try Tensor(
      float32: [9, 0, 0, 9, 0, 0, 9, 0, 0, 0, 0, 9], sizes.count == 2 ? [2, 3, 2] : [2, 3, 2])
    let metric = Metric(.meanIoU, output: "y", ignoredLabel: 255)
    let result = try metric.scores(of: scores, against: labels)
    #expect(result.values.count == 2)
    #expect(abs(result.mean - (0.5 + 0.5) / 2) < 1e-12, "\(result)")
  }

  /// What other answers to the same samples add is told to first order around the original's.
  @Test func partsReferToThePopulation() throws {
    let labels = try Tensor(int64: (0..<60).map { $0 % 3 })
    let metric = Metric(.macroF1(threshold: nil), output: "y")
    let original = try Tensor(int64: (0..<60).map { $0 < 50 ? $0 % 3 : 0 })
    let population = try MetricPopulation(metric, output: original, reference: labels)
    let whole = try metric.scores(of: original, against: labels, population: population)
    let part = try metric.scores(
      of: original.rows([7, 55]), against: labels.rows([7, 55]), population: population)
    #expect(part.values == [whole.values[7], whole.values[55]])
  }

  @Test func metricsOfClassTotalsAreResampledAsAWhole() throws {
    let labels = try Tensor(int64: (0..<600).map { $0 % 3 })
    let original = try Tensor(int64: (0..<600).map { $0 < 500 ? $0 % 3 : 0 })
    let candidate = try Tensor(int64: (0..<600).map { $0 < 480 ? $0 % 3 : 0 })
    let metric = Metric(.macroF1(threshold: nil), output: "y")
    let comparison = try PairedComparison(metric, baseline: original, candidate: candidate, labels: labels)
    let scores = try [original, candidate].map { try metric.scores(of: $0, against: labels).mean }
    #expect(comparison.method == .bootstrap && comparison.worse == 13 && comparison.better == 0)
    #expect(abs(comparison.loss - (scores[0] - scores[1])) < 1e-12)
    #expect(comparison.interval().lowerBound > 0.005 && comparison.interval().contains(comparison.loss))
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
    try MetricChoice(
      outputs: outputs.map { (name: $0.0, values: $0.1) }, labels: labels,
      request: MetricRequest(output: named)
    ).metric
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

  private func metric(_ name: String, _ outputs: [(String, Tensor)], _ labels: Tensor?) throws -> Metric {
    let name = try #require(MetricName(name))
    return try MetricChoice(
      outputs: outputs.map { (name: $0.0, values: $0.1) }, labels: labels, request: MetricRequest(name)
    ).metric
  }

  @Test func namesAreReadAsPeopleTypeThem() {
    #expect(MetricName("top5") == .topAccuracy(k: 5) && MetricName("Top-1") == .topAccuracy(k: 1))
    #expect(MetricName("macro_f1") == .macroF1 && MetricName("mIoU") == .meanIoU)
    for name in MetricName.examples { #expect(MetricName(name)?.name == name) }
    for name in ["", "top", "top0", "top-", "top5x", "f2", "top99999999999999999999"] {
      #expect(MetricName(name) == nil)
    }
  }

  @Test func aNamedMetricTakesTheFirstOutputThatItCanMeasure() throws {
    let (scores, one) = (("scores", try floats([2, 3])), ("p", try floats([2, 1])))
    let labels = try Tensor(int64: [0, 1])
    #expect(try metric("macro-f1", [one, scores], labels) == Metric(.macroF1(threshold: 0.5), output: "p"))
    #expect(try metric("miou", [one, scores], labels) == Metric(.meanIoU, output: "scores"))
    #expect(try metric("top2", [one, scores], labels).kind == .topAccuracy(k: 2))
    #expect(try metric("accuracy", [one, scores], labels).kind == .thresholdAccuracy(threshold: 0.5))
    #expect(try metric("mse", [scores, one], labels) == Metric(.meanSquaredError, output: "p"))
    #expect(try metric("cosine", [scores], nil) == Metric(.cosineSimilarity, output: "scores"))
    #expect(try metric("agreement", [one, scores], labels) == Metric(.agreement, output: "scores"))
  }

  @Test func aNamedMetricThatFitsNothingSaysWhy() throws {
    let scores = ("scores", try floats([2, 3]))
    func message(_ name: String, _ labels: Tensor?) -> String {
      "\(#expect(throws: DatasetError.self) { try metric(name, [scores], labels) } as Any)"
    }
    #expect(message("top1", nil).contains("top1 needs labels, and the data holds none"))
    #expect(message("top3", try Tensor(int64: [0, 1])).contains("top3 of 3 classes is always right"))
    #expect(
      message("r2", try floats([2])).contains("float[2] and r2 fit no output: 'scores' float[2,3]"))
    #expect(message("miou", try floats([2])).contains("fit no output"))
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
        == "array 'labels': row 1: the label 3 is no class: the output 'y' has the classes 0 to 2")
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
