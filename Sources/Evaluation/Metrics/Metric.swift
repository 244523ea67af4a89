import TensorCore

/// What is measured of a model's outputs, sample by sample: so that models can be compared in pairs.
public struct Metric: Codable, Hashable, Sendable {
  public enum Kind: Codable, Hashable, Sendable {
    /// The label is among the `k` classes with the highest scores.
    case topAccuracy(k: Int)
    /// The output is the label itself.
    case labelAccuracy
    /// One score for the class 1 of two: above the threshold means 1.
    case thresholdAccuracy(threshold: Double)
    /// Coefficient of determination: 1 − Σ(label − output)² / Σ(label − mean label)².
    case rSquared
    case meanSquaredError
    /// The mean over classes of the harmonic mean of precision and recall. Where there is one score for the class 1 of
    /// two, above the threshold means 1.
    case macroF1(threshold: Double?)
    /// The mean over classes of the intersection of what is answered and what is labelled, over their union.
    case meanIoU
    /// The decision is the original's: the class with the highest score, or the label that is put out.
    case agreement
    /// ‖output − original‖ / ‖original‖, Euclidean, the mean over samples.
    case relativeError
    /// The cosine of the angle between output and original, the mean over samples.
    case cosineSimilarity
    /// What the user's command says of all samples together: it has no scores of single ones.
    case command(Direction)
  }

  public var kind: Kind
  /// The output that is measured.
  public var output: String
  /// Decisions with this label do not count, for metrics over classes.
  public var ignoredLabel: Int?

  public init(_ kind: Kind, output: String, ignoredLabel: Int? = nil) {
    self.kind = kind
    self.output = output
    self.ignoredLabel = ignoredLabel
  }

  /// Such as `top-1 accuracy`.
  public var name: String {
    switch kind {
    case .topAccuracy(let k): "top-\(k) accuracy"
    case .labelAccuracy, .thresholdAccuracy: "accuracy"
    case .rSquared: "R²"
    case .meanSquaredError: "mean squared error"
    case .macroF1: "macro-F1"
    case .meanIoU: "mean IoU"
    case .agreement: "agreement with the original"
    case .relativeError: "relative output error"
    case .cosineSimilarity: "cosine similarity to the original"
    case .command: "score of the metric command"
    }
  }

  /// Whether outputs are compared with labels; else with the original's outputs.
  public var usesLabels: Bool {
    switch kind {
    case .topAccuracy, .labelAccuracy, .thresholdAccuracy, .rSquared, .meanSquaredError, .macroF1, .meanIoU:
      true
    case .agreement, .relativeError, .cosineSimilarity, .command: false
    }
  }

  public enum Direction: String, Codable, Hashable, Sendable { case higherIsBetter, lowerIsBetter }

  public var direction: Direction {
    switch kind {
    case .command(let direction): direction
    case .meanSquaredError, .relativeError: .lowerIsBetter
    default: .higherIsBetter
    }
  }

  /// Whether the labels are classes.
  public var isOverClasses: Bool {
    switch kind {
    case .topAccuracy, .labelAccuracy, .thresholdAccuracy, .macroF1, .meanIoU: true
    default: false
    }
  }

  /// Where one sample's score lies; nil where it can be any number.
  public var scoreRange: ClosedRange<Double>? {
    switch kind {
    case .topAccuracy, .labelAccuracy, .thresholdAccuracy, .agreement: 0...1
    case .cosineSimilarity: -1...1
    case .rSquared, .meanSquaredError, .relativeError, .macroF1, .meanIoU, .command: nil
    }
  }

  /// What a budget of 1 % allows.
  public enum Scale: Hashable, Sendable {
    /// A worsening by 0.01: the metric lies in 0…1, as a relative error does where it is of use.
    case absolute
    /// A worsening by 1 % of the baseline's value.
    case relative
  }

  public var scale: Scale {
    switch kind {
    case .meanSquaredError, .command: .relative
    default: .absolute
    }
  }

  /// How much worse `value` is than `baseline`, as a budget counts it: 0.01 is 1 %. Negative when better,
  /// infinite when `value` is not a number.
  public func worsening(from baseline: Double, to value: Double) -> Double {
    guard value.isFinite else { return .infinity }
    let fall = direction == .higherIsBetter ? baseline - value : value - baseline
    guard scale == .relative, fall != 0 else { return fall }
    return fall / abs(baseline)
  }
}

extension Metric: CustomStringConvertible {
  public var description: String { "\(name) of '\(output)'" }
}

/// A metric's value for each sample, or what the sample adds to it to first order.
public struct SampleScores: Hashable, Sendable {
  public var values: [Double]
  /// Whether the sample's output holds NaN or infinity where the original's does not; empty for none.
  public var isNonFinite: [Bool]

  public init(values: [Double], isNonFinite: [Bool] = []) {
    self.values = values
    self.isNonFinite = isNonFinite.contains(true) ? isNonFinite : []
  }

  /// The metric over all samples.
  public var mean: Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }

  public var nonFiniteSamples: Int { isNonFinite.count(where: \.self) }

  /// The scores of these samples.
  public subscript(samples: [Int]) -> SampleScores {
    SampleScores(
      values: samples.map { values[$0] },
      isNonFinite: isNonFinite.isEmpty ? [] : samples.map { isNonFinite[$0] })
  }
}
