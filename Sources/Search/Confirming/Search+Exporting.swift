import Evaluation
import GraphAnalysis
import GraphIR
import Journal
import ONNXFormat

/// A point of an earlier search, measured on the held-back samples.
public struct ExportOutcome: Sendable {
  public var metric: Metric
  public var model: Model
  public var confirmation: Confirmation
  public var look: ConfirmationLook
  /// Next to the model as it was given.
  public var latency: LatencyComparison
  public var latencyBatch: Int
}

extension Search {
  /// Writes a point of the journal as a model of its own. Every export is a look at the held-back samples, and spends
  /// half of what earlier looks have left of the error probability; one that is repeated spends nothing more.
  ///
  /// - Returns: nil where an interrupt came before the model was written.
  /// - Throws: `ModelError` where there is no such point, or its model was not kept, or does not run.
  public func export(_ number: Int, to path: String, overwriting: Bool) throws -> ExportOutcome? {
    guard let journal else { throw ModelError("without a journal, there are no points to export") }
    // Before `begin` writes the exact model again, whose weights the point's refer to.
    var model = try pointModel(number, in: journal)
    let (_, search) = try begin()
    ShapeInference.run(on: &model)
    control.report(.stage("confirming", total: nil))
    search.runner.stage = "confirmation"
    guard let (look, confirmation) = try unlessInterrupted({ try look(at: model, number, journal, search) }),
      !control.isInterrupted
    else { return nil }
    try ONNXFormat.write(model.named(), to: path, overwriting: overwriting)
    control.report(.stage("measuring latency", total: nil))
    let latency = try latency(ofResult: model, at: path, search)
    return ExportOutcome(
      metric: search.metric, model: model, confirmation: confirmation, look: look,
      latency: latency,
      latencyBatch: latencyBatch(search))
  }

  private func pointModel(_ number: Int, in journal: Journal) throws -> Model {
    guard let point = try journal.point(number) else {
      throw ModelError("there is no point \(number)", file: journal.path)
    }
    guard let bytes = point.model else {
      throw ModelError(
        "the model of point \(number) was not kept: together, the models would be too large",
        file: journal.path)
    }
    return try Model(ONNXFormat.decode(bytes, folder: task.outputFolder))
  }

  private func look(at model: Model, _ number: Int, _ journal: Journal, _ search: Prepared) throws
    -> (ConfirmationLook, Confirmation)
  {
    let scorer = try heldBackScorer(on: search.holdout, search)
    let summary = try PlanPoint.all(in: journal)[number]
    let comparison = try compare(model, scorer, summary.title, on: search.holdout, search)
    let plan = Fingerprint(try search.runner.encoder.encode(model).bytes)
    let share = try journal.shareOfLook(at: plan, samples: search.holdout.count)
    let look = ConfirmationLook(
      steps: summary.steps.count, share: share, samples: search.holdout.count, comparison, rule: rule(search))
    try journal.add(LookRecord(look, title: summary.title, plan: plan))
    var confirmation = Confirmation(
      comparison, of: search.metric, baseline: try search.baseline(on: search.holdout, scorer),
      rule: rule(search))
    confirmation.looks = [look]
    return (look, confirmation)
  }
}
