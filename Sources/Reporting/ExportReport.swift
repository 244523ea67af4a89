import Evaluation
import Search

/// What the held-back samples said of a plan that was written after its search.
public struct ExportReport: Codable, Sendable {
  public var file: String
  public var point: Int
  public var metric: SearchReport.Metric
  public var samples: Int
  /// The metric on the held-back samples, before and after.
  public var baseline: Double
  public var result: Double
  public var loss: SearchReport.Estimate
  /// Of the error probability: what this look could spend.
  public var errorShare: Double
  /// The highest confidence at which the plan would have been accepted.
  public var certainty: Double?
  public var isWithinBudget: Bool
  /// Next to the model that was searched.
  public var latency: LatencyComparison

  public init(_ outcome: ExportOutcome, point: Int, file: String) {
    let (confirmation, look) = (outcome.confirmation, outcome.look)
    self.file = file
    self.point = point
    metric = SearchReport.Metric(outcome.metric)
    samples = look.samples
    baseline = confirmation.baselineMetric
    result = confirmation.resultMetric
    loss = SearchReport.Estimate(confirmation)
    errorShare = look.errorShare
    certainty = look.measured?.certainty
    isWithinBudget = look.isAccepted
    latency = outcome.latency
  }
}
