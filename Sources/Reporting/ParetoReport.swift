import Foundation
import Search

/// Every plan that a search measured, as `pareto.json` holds them, so that others than the result can be chosen.
public struct ParetoReport: Codable, Sendable {
  public var model: String
  public var metric: SearchReport.Metric
  public var objective: Objective
  public var budget: SearchReport.Budget
  /// What the metric may lose, in its own unit.
  public var limit: Double
  /// Number 0 is the exact model, the others follow by loss. `share` is the objective's, `loss` of the metric on the
  /// samples that chose, which is too good for plans that were chosen by it.
  public var points: [PlanPoint]

  public init(
    _ outcome: SearchOutcome, model: String, objective: Objective, budget: SearchReport.Budget
  ) {
    self.model = model
    metric = SearchReport.Metric(outcome.metric)
    self.objective = objective
    self.budget = budget
    limit = outcome.allowedLoss
    points = outcome.points
  }

  public func json() throws -> Data { try reportJSON(self) }
}
