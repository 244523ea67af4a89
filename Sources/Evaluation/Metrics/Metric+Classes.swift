import Kernels
import TensorCore

// Metrics that weigh all classes alike are no means over samples: they are computed from class totals.
extension Metric {
  /// Nil where the metric is a mean over samples.
  public var classRatio: ClassRatio? {
    switch kind {
    case .macroF1: .f1
    case .meanIoU: .intersectionOverUnion
    default: nil
    }
  }

  typealias Counted = (counts: ClassCounts, isNonFinite: [Bool])

  /// - Parameter classes: nil for those of `reference`.
  func counts(of output: Tensor, against reference: Tensor, in classes: ClassIndex? = nil) throws -> Counted {
    let classes = try classes ?? ClassIndex(of: reference, ignoring: ignoredLabel)
    let samples = reference.dimensions.first ?? 0
    guard samples > 0, output.dimensions.first == samples else { throw misfit(output, reference) }
    let answers = try answers(output, reference)
    let labels = try classes.places(of: reference)
    let places = try answers.numbers.map { try classes.places(of: $0) } ?? classes.places(of: output)
    guard places.count == labels.count else { throw misfit(output, reference) }
    return (
      ClassCounts(answers: places, labels: labels, samples: samples, classes: classes.count),
      answers.isNonFinite
    )
  }

  /// The numbers of the classes that the output decides for; nil where it holds the classes themselves.
  private func answers(_ output: Tensor, _ labels: Tensor) throws -> (numbers: [Int]?, isNonFinite: [Bool]) {
    guard output.elementType.isFloatingPoint else { return (nil, []) }
    let scores = try output.doubles()
    let isNonFinite = Self.nonFinite(scores, output.dimensions.first ?? 1)
    if case .macroF1(let threshold?) = kind, output.elementCount == labels.elementCount {
      return (scores.map { $0.isNaN ? -1 : $0 > threshold ? 1 : 0 }, isNonFinite)
    }
    guard let layout = ScoreLayout(scores: output.dimensions, labels: labels.dimensions) else {
      throw misfit(output, labels)
    }
    return (highestClasses(scores, layout), isNonFinite)
  }
}

extension PairedComparison {
  /// Of a metric of class totals: the fall of the metric itself, its uncertainty by resampling the samples.
  ///
  /// Which samples became worse is told to first order, around the baseline.
  /// - Parameters:
  ///   - baseline: the original's output for some samples.
  ///   - candidate: of a variant, for the same.
  public init(
    _ metric: Metric, baseline: Tensor, candidate: Tensor, labels: Tensor, seed: UInt64 = 1,
    resamples: Int = 4000
  ) throws {
    guard let ratio = metric.classRatio else { throw DatasetError("\(metric.name) is a mean over samples") }
    let classes = try ClassIndex(of: labels, ignoring: metric.ignoredLabel)
    let before = try metric.counts(of: baseline, against: labels, in: classes).counts
    let after = try metric.counts(of: candidate, against: labels, in: classes).counts
    let linear = before.totals().linearized(ratio, samples: before.samples)
    self.init(
      losses: zip(linear.scores(of: before), linear.scores(of: after)).map { $0 - $1 },
      statistic: Bootstrap(ofFall: ratio, from: before, to: after, resamples: resamples, seed: seed))
  }
}
