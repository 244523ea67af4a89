import Evaluation
import GraphIR
import ONNXFormat
import TensorCore

extension Search {
  private struct Confirmed {
    let model: Model
    let state: PlanState
    let confirmation: Confirmation
    let samples: SampleSet
    /// No plan was confirmed, so that this is the exact model.
    let isFallBack: Bool
  }

  /// The looks so far, which an interrupt does not undo: no plan gets a second one.
  private final class Descent {
    let ladder: Ladder
    var looks: [ConfirmationLook] = []

    init(_ ladder: Ladder) { self.ladder = ladder }
  }

  func rule(_ search: Prepared) -> AcceptanceRule {
    AcceptanceRule(allowedLoss: search.allowedLoss, confidence: options.budget.confidence)
  }

  /// What the data cannot do, known before any candidate is tried.
  func warnings(_ search: Prepared) -> [String] {
    let resolution = Resolution(rule: rule(search), share: Ladder.shares(2)[0])
    let metric = search.judge.scorer.metric
    return [
      resolution.warning(heldBack: search.holdout.count, metric: metric),
      metric.usesLabels ? task.evaluation.labels?.caution(for: metric) : nil,
    ].compactMap { $0 }
  }

  func finish(
    _ states: [PlanState], _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("confirming", total: nil))
    search.runner.stage = "confirmation"
    let descent = Descent(Ladder(steps: states.count - 1))
    let confirmed =
      try unlessInterrupted { try firstConfirmed(of: states, on: search.holdout, descent, search) }
      ?? firstConfirmed(of: states, on: search.hurriedHoldout, descent, search)
    return try outcome(confirmed, scored, original: original, search)
  }

  /// Goes down the ladder from where it was left, to the first plan that the held-back samples confirm, at last to
  /// the exact model.
  private func firstConfirmed(
    of states: [PlanState], on samples: SampleSet, _ descent: Descent, _ search: Prepared
  ) throws -> Confirmed {
    var scorer = search.judge.scorer
    let output = search.originalVariant.outputs.firstIndex(of: scorer.metric.output) ?? 0
    let baseline = try search.runner.run(search.originalVariant, on: samples)[output]
    let undefined = baseline.samplesNotFinite
    guard undefined == 0 else {
      throw ModelError(
        "output '\(scorer.metric.output)' is NaN or infinite for \(undefined) of \(samples.count) held-back samples",
        file: task.modelPath, hint: "look at the data, or name another output with --output")
    }
    try scorer.setBaseline(baseline, for: samples.indices)
    for rung in descent.ladder.rungs.dropFirst(descent.looks.count) {
      let state = states[rung.steps]
      let measured = try measure(state, scorer, on: samples, search)
      let look = ConfirmationLook(rung, samples: samples.count, measured?.comparison, rule: rule(search))
      descent.looks.append(look)
      if let measured, look.isAccepted {
        return confirmed(measured, state, scorer, on: samples, descent, search)
      }
    }
    let exact = try compare(states[0], scorer, on: samples, search)
    return confirmed(exact, states[0], scorer, on: samples, descent, search)
  }

  private typealias Measured = (model: Model, comparison: PairedComparison)

  /// Nil where a plan cannot be run on these samples, or gives no numbers there: it has failed like one that loses.
  private func measure(
    _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, _ search: Prepared
  ) throws -> Measured? {
    do {
      return try compare(state, scorer, on: samples, search)
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch {
      return nil
    }
  }

  private func compare(
    _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, _ search: Prepared
  ) throws -> Measured {
    let model = try finished(state, search)
    let variant = try search.runner.prepare(model.extracting([scorer.output(of: model)]))
    let outputs = try search.runner.run(variant, on: samples)[0]
    return (model, try scorer.comparison(outputs, on: samples, seed: options.seed))
  }

  private func confirmed(
    _ measured: Measured, _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, _ descent: Descent,
    _ search: Prepared
  ) -> Confirmed {
    var confirmation = scorer.confirmation(measured.comparison, on: samples, rule: rule(search))
    confirmation.looks = descent.looks
    confirmation.possibleLooks = descent.ladder.rungs.count
    return Confirmed(
      model: measured.model, state: state, confirmation: confirmation, samples: samples,
      isFallBack: state.steps.isEmpty && !descent.looks.isEmpty)
  }

  /// The plan's model with its refitted last layer, simplified again.
  private func finished(_ state: PlanState, _ search: Prepared) throws -> Model {
    var model = state.model
    guard !state.steps.isEmpty else { return model }
    if let refitted = state.refitted, let head = search.judge.head?.head {
      try head.setParameters(refitted, in: &model)
    }
    try simplify(&model)
    return model
  }

  private func outcome(
    _ result: Confirmed, _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("measuring latency", total: nil))
    let path = TensorCore.FilePath.joining(task.outputFolder, "optimized.onnx")
    try ONNXFormat.write(result.model.named(), to: path, overwriting: false)
    let batch = latencyBatch(search)
    let timings = try latency(of: [task.source, .file(path)], batchSize: batch, search)
    let split = DataSplit(search: search.split.search, holdout: result.samples.indices)
    let notes = SearchNotes(
      confirmation: result.confirmation, split: split, heldBack: search.holdout.count,
      rule: rule(search), scored: scored, hasHead: search.judge.head != nil,
      isInterrupted: control.isInterrupted)
    let baseline = search.judge.scorer.baselineMean(over: search.split.search)
    let sign: Double = search.judge.scorer.metric.direction == .higherIsBetter ? 1 : -1
    return SearchOutcome(
      metric: search.judge.scorer.metric, original: original, exact: search.exact, result: result.model,
      steps: result.state.steps, scored: scored, confirmation: result.confirmation,
      latency: try LatencyComparison(baseline: timings[0], candidate: timings[1]), latencyBatch: batch,
      ledger: search.runner.ledger, split: split, calibrationCount: search.calibration.count,
      searchMetric: (baseline: baseline, result: baseline - sign * result.state.loss),
      wasInterrupted: control.isInterrupted, planFailed: result.isFallBack,
      warnings: warnings(search), notes: notes.lines)
  }

  private func latency(
    of sources: [SessionSource], batchSize: Int, _ search: Prepared
  ) throws -> [[Double]] {
    func measured(_ plan: LatencyPlan) throws -> [[Double]] {
      try search.runner.withWorkers {
        try client.latency(
          of: sources.map { try client.session($0, options.session) },
          on: search.holdout.dataset, batchSize: batchSize, plan: plan)
      }
    }
    return try unlessInterrupted { try measured(LatencyPlan()) }
      ?? measured(LatencyPlan(warmUps: 1, repetitions: 5, secondsLimit: 0.2))
  }
}
