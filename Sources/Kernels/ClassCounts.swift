/// How often each class was answered, was the label, and was both, for each of some samples: what metrics are made of
/// that weigh all classes alike.
///
/// A sample holds entries only for classes that occur in it.
public struct ClassCounts: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var index: Int
    /// Answered where it was the label.
    var right = 0.0
    var answered = 0.0
    var labelled = 0.0
  }

  public let classes: Int
  var entries: [Entry] = []
  /// Where the entries of each sample end.
  private var ends: [Int] = []

  /// - Parameters:
  ///   - answers: of `samples` · n decisions; what is no class, 0..<`classes`, is wrong.
  ///   - labels: of the same decisions; where a label is no class, the decision does not count.
  public init(answers: [Int], labels: [Int], samples: Int, classes: Int) {
    precondition(answers.count == labels.count && samples > 0 && answers.count % samples == 0)
    self.classes = classes
    let length = answers.count / samples
    var place = [Int](repeating: -1, count: max(classes, 0))
    for sample in 0..<samples {
      let first = entries.count
      func entry(_ index: Int) -> Int {
        if place[index] < first {
          place[index] = entries.count
          entries.append(Entry(index: index))
        }
        return place[index]
      }
      for decision in (sample * length)..<((sample + 1) * length) {
        let (answer, label) = (answers[decision], labels[decision])
        guard label >= 0, label < classes else { continue }
        let labelled = entry(label)
        entries[labelled].labelled += 1
        guard answer >= 0, answer < classes else { continue }
        entries[entry(answer)].answered += 1
        if answer == label { entries[labelled].right += 1 }
      }
      ends.append(entries.count)
    }
  }

  public var samples: Int { ends.count }

  func entries(of sample: Int) -> Range<Int> { (sample == 0 ? 0 : ends[sample - 1])..<ends[sample] }

  /// Over all samples, each as often as `weights` says, or once.
  public func totals(weights: [Double]? = nil) -> ClassTotals {
    var totals = ClassTotals(classes: classes)
    for sample in 0..<samples {
      let weight = weights?[sample] ?? 1
      if weight == 0 { continue }
      for place in entries(of: sample) { totals.add(entries[place], weight) }
    }
    return totals
  }
}

/// A number in 0…1 for each class, right · a / (answered + labelled − right · b); a metric is its mean over the classes
/// that occur among the labels.
public enum ClassRatio: Codable, Hashable, Sendable {
  /// The harmonic mean of precision and recall: 2 · right / (answered + labelled).
  case f1
  /// The Jaccard index: right / (answered + labelled − right).
  case intersectionOverUnion

  var a: Double { self == .f1 ? 2 : 1 }
  var b: Double { self == .f1 ? 0 : 1 }
}

public struct ClassTotals: Hashable, Sendable {
  fileprivate var right: [Double]
  fileprivate var answered: [Double]
  fileprivate var labelled: [Double]

  init(classes: Int) {
    right = [Double](repeating: 0, count: max(classes, 0))
    answered = right
    labelled = right
  }

  fileprivate mutating func add(_ entry: ClassCounts.Entry, _ weight: Double) {
    right[entry.index] += weight * entry.right
    answered[entry.index] += weight * entry.answered
    labelled[entry.index] += weight * entry.labelled
  }

  /// How many classes occur among the labels.
  public var classes: Int { labelled.count { $0 > 0 } }

  /// 0 where there are no labels.
  public func mean(of ratio: ClassRatio) -> Double {
    var (sum, count) = (0.0, 0.0)
    for index in right.indices where labelled[index] > 0 {
      sum += value(of: ratio, index)
      count += 1
    }
    return count > 0 ? sum / count : 0
  }

  /// Only for classes with labels: the denominator is then positive.
  private func value(of ratio: ClassRatio, _ index: Int) -> Double {
    ratio.a * right[index] / denominator(of: ratio, index)
  }

  private func denominator(of ratio: ClassRatio, _ index: Int) -> Double {
    answered[index] + labelled[index] - ratio.b * right[index]
  }

  /// The metric as a mean over samples, to first order around these totals.
  public func linearized(_ ratio: ClassRatio, samples: Int) -> LinearizedRatio {
    var linear = LinearizedRatio(constant: mean(of: ratio), classes: right.count)
    let scale = Double(samples) / Double(max(classes, 1))
    for index in right.indices where labelled[index] > 0 {
      let (value, denominator) = (value(of: ratio, index), denominator(of: ratio, index))
      linear.right[index] = scale * (ratio.a + ratio.b * value) / denominator
      linear.others[index] = -scale * value / denominator
    }
    return linear
  }
}

/// A metric of class totals, to first order a sum over samples: T(θ) + ∇T(θ) · x for a sample's counts x and the
/// totals θ of n samples, with ∇T scaled by n. This is the metric's influence function (Hampel, "The influence curve
/// and its role in robust estimation", JASA 69, 1974).
///
/// Since T is the same for multiples of θ, ∇T(θ) · θ = 0: the mean over the n samples themselves is T(θ) exactly. For
/// other answers to the same samples, each class's difference is exact but for the factor by which its denominator
/// differs.
public struct LinearizedRatio: Hashable, Sendable {
  let constant: Double
  /// For each class: of what was right, and of both what was answered and what was the label.
  fileprivate var right: [Double]
  fileprivate var others: [Double]

  fileprivate init(constant: Double, classes: Int) {
    self.constant = constant
    right = [Double](repeating: 0, count: classes)
    others = right
  }

  public func scores(of counts: ClassCounts) -> [Double] {
    (0..<counts.samples).map { sample in
      var score = constant
      for place in counts.entries(of: sample) {
        let entry = counts.entries[place]
        score += right[entry.index] * entry.right + others[entry.index] * (entry.answered + entry.labelled)
      }
      return score
    }
  }
}

extension Bootstrap {
  /// Of the fall of a metric from one model's answers to another's, on the same samples.
  public init(
    ofFall ratio: ClassRatio, from baseline: ClassCounts, to candidate: ClassCounts, resamples: Int,
    seed: UInt64
  ) {
    precondition(baseline.samples == candidate.samples && baseline.classes == candidate.classes)
    self.init(samples: baseline.samples, resamples: resamples, seed: seed) { counts in
      baseline.totals(weights: counts).mean(of: ratio) - candidate.totals(weights: counts).mean(of: ratio)
    }
  }
}
