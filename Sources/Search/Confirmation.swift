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
  /// How often a plan was looked at on these samples: 1 where the first was confirmed.
  public var looks: Int
}

extension Scorer {
  /// - Parameter outputs: of the result, for all of `samples`.
  func confirmation(
    _ outputs: Tensor, on samples: SampleSet, allowedLoss: Double, looks: Int, seed: UInt64
  ) throws -> Confirmation {
    let comparison = try PairedComparison(
      baseline: baselineScores(for: samples.indices), candidate: scores(outputs, for: samples.indices),
      seed: seed)
    let interval = comparison.interval
    let isBetterHigh = metric.direction == .higherIsBetter
    let loss = isBetterHigh ? -comparison.difference : comparison.difference
    let baseline = baselineMean(over: samples.indices)
    return Confirmation(
      baselineMetric: baseline, resultMetric: baseline + comparison.difference, loss: loss,
      lossInterval: isBetterHigh ? -interval.upperBound...(-interval.lowerBound) : interval,
      method: comparison.method, isWithinBudget: loss <= allowedLoss, looks: looks)
  }
}
