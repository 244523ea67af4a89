import Evaluation
import TensorCore

/// What the held-back samples say, which no choice saw.
public struct Confirmation: Sendable {
  public var baselineMetric: Double
  public var resultMetric: Double
  /// How much worse the result is, with the 95 % interval of that.
  public var loss: Double
  public var lossInterval: ClosedRange<Double>
  public var method: PairedComparison.Method
  /// Whether the loss is within the budget.
  public var isWithinBudget: Bool
  /// Every plan that these samples were asked about, in order; the last is the result, if it was accepted.
  public var looks: [ConfirmationLook] = []
  /// How many there could have been: a number that was fixed before the first.
  public var possibleLooks = 0

  /// Nil where the result is the exact model.
  public var acceptedLook: ConfirmationLook? { looks.last.flatMap { $0.isAccepted ? $0 : nil } }
}

/// One plan on the held-back samples.
public struct ConfirmationLook: Sendable {
  /// Of the plan.
  public var steps: Int
  public var samples: Int
  /// Of the error probability, for this look.
  public var errorShare: Double
  public var isAccepted: Bool
  /// Nil where the plan could not be measured.
  public var measured: Measured?

  public struct Measured: Sendable {
    public var loss: Double
    public var standardDeviation: Double
    public var method: PairedComparison.Method
    /// At the error that this look may spend.
    public var upperBound: Double
    /// The p-value of the hypothesis that the plan loses the budget or more, of this look alone.
    public var probability: Double
    /// The highest confidence at which this plan would have been accepted at this look.
    public var certainty: Double
  }

  init(
    steps: Int, share: Double, samples: Int, _ comparison: PairedComparison? = nil, rule: AcceptanceRule
  ) {
    self.steps = steps
    self.samples = samples
    errorShare = share
    let verdict = comparison.map { rule.verdict($0, share: share) }
    isAccepted = verdict?.isAccepted ?? false
    measured = comparison.flatMap { comparison in
      verdict.map {
        Measured(
          loss: comparison.loss, standardDeviation: comparison.standardDeviation, method: comparison.method,
          upperBound: $0.upperBound, probability: $0.probability, certainty: $0.certainty)
      }
    }
  }
}

extension Scorer {
  /// - Parameter outputs: of a variant, for all of `samples`.
  func comparison(_ outputs: Tensor, on samples: SampleSet, seed: UInt64) throws -> PairedComparison {
    if metric.classRatio != nil, let original = try original(for: samples.indices),
      let labels = try labels?.rows(samples.indices)
    {
      return try PairedComparison(metric, baseline: original, candidate: outputs, labels: labels, seed: seed)
    }
    return try PairedComparison(
      baseline: baselineScores(for: samples.indices), candidate: scores(outputs, for: samples.indices),
      direction: metric.direction, range: metric.scoreRange, seed: seed)
  }
}

extension Confirmation {
  /// - Parameter baseline: what the metric says of the original.
  init(_ comparison: PairedComparison, of metric: Metric, baseline: Double, rule: AcceptanceRule) {
    let change = metric.direction == .higherIsBetter ? -comparison.loss : comparison.loss
    self.init(
      baselineMetric: baseline, resultMetric: baseline + change, loss: comparison.loss,
      lossInterval: comparison.interval(), method: comparison.method,
      isWithinBudget: comparison.loss <= rule.allowedLoss)
  }
}
