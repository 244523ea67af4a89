import Testing

@testable import Kernels

@Suite struct ClassCountsTests {
  private func counts(_ answers: [Int], _ labels: [Int], samples: Int? = nil, classes: Int = 3) -> ClassCounts
  {
    ClassCounts(answers: answers, labels: labels, samples: samples ?? labels.count, classes: classes)
  }

  /// `sklearn.metrics.f1_score(average="macro")` and `jaccard_score(average="macro")` of the same.
  @Test func asScikitLearnCounts() {
    let totals = counts([0, 2, 1, 0, 0, 1, 2], [0, 1, 2, 0, 1, 2, 2]).totals()
    #expect(abs(totals.mean(of: .f1) - 0.4) < 1e-12)
    #expect(abs(totals.mean(of: .intersectionOverUnion) - 0.3055555555555555) < 1e-12)
  }

  @Test func classesWithoutLabelsDoNotCount() {
    let totals = counts([0, 2, 2, 1], [0, 0, 1, 1]).totals()
    #expect(totals.classes == 2)
    #expect(abs(totals.mean(of: .f1) - (2 / 3.0 + 2 / 3.0) / 2) < 1e-12)
  }

  @Test func whatHasNoLabelIsLeftOutAndNoClassIsWrong() {
    #expect(counts([0, 1, 2], [0, 1, -1]).totals().mean(of: .f1) == 1)
    #expect(counts([0, 1, 2], [0, 1, 9]).totals().mean(of: .f1) == 1)
    #expect(counts([0, -1, 9], [0, 1, 1]).totals().mean(of: .f1) == 0.5)
    #expect(counts([0], [-1]).totals().mean(of: .f1) == 0)
  }

  /// Two images of four pixels.
  @Test func samplesHoldSeveralDecisions() {
    let images = counts([0, 0, 1, 1, 2, 2, 2, 0], [0, 0, 1, 2, 2, 2, 0, 0], samples: 2)
    #expect(images.samples == 2)
    let flat = counts([0, 0, 1, 1, 2, 2, 2, 0], [0, 0, 1, 2, 2, 2, 0, 0])
    #expect(images.totals() == flat.totals())
    #expect(images.totals(weights: [2, 0]).mean(of: .intersectionOverUnion) == 0.5)
  }

  private func drawn(_ count: Int, accuracy: Double, seed: UInt64, like labels: [Int]) -> [Int] {
    var random = Xoshiro256(seed: seed)
    return labels.map { random.uniform() < accuracy ? $0 : random.index(below: 3) }
  }

  @Test(arguments: [ClassRatio.f1, .intersectionOverUnion])
  func theMeanOfLinearizedScoresIsTheMetric(_ ratio: ClassRatio) {
    var random = Xoshiro256(seed: 7)
    let labels = (0..<500).map { _ in min(random.index(below: 5), 2) }
    let baseline = counts(drawn(500, accuracy: 0.9, seed: 1, like: labels), labels)
    let linear = baseline.totals().linearized(ratio, samples: 500)
    let scores = linear.scores(of: baseline)
    let value = baseline.totals().mean(of: ratio)
    #expect(abs(scores.reduce(0, +) / 500 - value) < 1e-12)
    // A candidate that differs a little: the first order tells its fall but for some percent of it.
    var answers = drawn(500, accuracy: 0.9, seed: 1, like: labels)
    for index in stride(from: 0, to: 500, by: 25) { answers[index] = (labels[index] + 1) % 3 }
    let candidate = counts(answers, labels)
    let fall = value - candidate.totals().mean(of: ratio)
    let linearFall = value - linear.scores(of: candidate).reduce(0, +) / 500
    #expect(fall > 0.02 && abs(linearFall - fall) < 0.1 * fall)
    #expect(zip(scores, linear.scores(of: candidate)).count { $0 != $1 } <= 20, "only what changed")
  }

  /// The standard error from linearized scores is that of the bootstrap.
  @Test func theFirstOrderSpreadIsTheBootstraps() {
    var random = Xoshiro256(seed: 9)
    let labels = (0..<800).map { _ in random.index(below: 3) }
    let baseline = counts(drawn(800, accuracy: 0.9, seed: 3, like: labels), labels)
    let candidate = counts(drawn(800, accuracy: 0.88, seed: 3, like: labels), labels)
    let bootstrap = Bootstrap(ofFall: .f1, from: baseline, to: candidate, resamples: 4000, seed: 1)
    let exact = baseline.totals().mean(of: .f1) - candidate.totals().mean(of: .f1)
    #expect(abs(bootstrap.estimate - exact) < 1e-12)
    let linear = baseline.totals().linearized(.f1, samples: 800)
    let losses = zip(linear.scores(of: baseline), linear.scores(of: candidate)).map { $0 - $1 }
    let mean = losses.reduce(0, +) / 800
    let error = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 799 / 800).squareRoot()
    let width = bootstrap.upperBound(error: 0.1587) - exact
    #expect(abs(width / error - 1) < 0.15, "\(width) against \(error)")
  }

  @Test(arguments: [[3, 7, 7, 255, -1], [0, 1_000_000_000_000, Int.max, -5, 255]])
  func classesAreNumberedByTheLabelsThatOccur(_ labels: [Int]) {
    let classes = ClassNumbers(occurringIn: labels, ignoring: 255)
    let expected = Set(labels.filter { $0 >= 0 && $0 != 255 }).sorted()
    #expect(classes.numbers == expected)
    #expect(classes.places(of: expected) == Array(expected.indices))
    #expect(classes.places(of: [255, -1, 5, Int.min]) == [-1, -1, -1, -1])
    #expect(ClassNumbers(occurringIn: [-1]).places(of: [0]) == [-1])
  }
}
