import Evaluation
import GraphIR
import ONNXFormat
import TensorCore

extension Search {
  private struct Look {
    let model: Model
    let state: PlanState
    let confirmation: Confirmation
    let samples: SampleSet
    /// No plan was confirmed, so that this is the exact model.
    let isFallBack: Bool
  }

  func finish(
    _ states: [PlanState], _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("confirming", total: nil))
    search.runner.stage = "confirmation"
    let look =
      try unlessInterrupted { try firstConfirmed(of: states, on: search.holdout, search) }
      ?? firstConfirmed(of: states, on: search.hurriedHoldout, search)
    return try outcome(look, scored, original: original, search)
  }

  /// Looks at the held-back samples for the plan, on failure for fewer of its steps, at last for the exact
  /// model: a ladder that is fixed before the first look.
  private func firstConfirmed(
    of states: [PlanState], on samples: SampleSet, _ search: Prepared
  ) throws -> Look {
    var scorer = search.judge.scorer
    let output = search.originalVariant.outputs.firstIndex(of: scorer.metric.output) ?? 0
    let baseline = try search.runner.run(search.originalVariant, on: samples)[output]
    try scorer.setBaseline(baseline, for: samples.indices)
    for (number, index) in Self.ladder(steps: states.count - 1).enumerated() {
      do {
        let (model, confirmation) = try confirm(states[index], scorer, on: samples, looks: number + 1, search)
        guard confirmation.isWithinBudget || index == 0 else { continue }
        return Look(
          model: model, state: states[index], confirmation: confirmation, samples: samples,
          isFallBack: index == 0 && states.count > 1)
      } catch let error where index > 0 && error as? WorkerError != .cancelled {
        // A plan that cannot be run on these samples, or gives no numbers there, has failed like one that loses.
      }
    }
    throw ModelError("no plan was looked at")
  }

  private func confirm(
    _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, looks: Int, _ search: Prepared
  ) throws -> (model: Model, confirmation: Confirmation) {
    let model = try finished(state, search)
    let variant = try search.runner.prepare(model.extracting([scorer.output(of: model)]))
    let confirmation = try scorer.confirmation(
      try search.runner.run(variant, on: samples)[0], on: samples, allowedLoss: search.allowedLoss,
      looks: looks, seed: options.seed)
    return (model, confirmation)
  }

  /// How many steps of the plan each look keeps: all, one and two fewer, half, none.
  static func ladder(steps: Int) -> [Int] {
    var rungs: [Int] = []
    for rung in [steps, steps - 1, steps - 2, steps / 2, 0] where rung >= 0 && rung < rungs.last ?? .max {
      rungs.append(rung)
    }
    return rungs
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
    _ look: Look, _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("measuring latency", total: nil))
    let path = TensorCore.FilePath.joining(task.outputFolder, "optimized.onnx")
    try ONNXFormat.write(look.model.named(), to: path, overwriting: false)
    let batch = latencyBatch(search)
    let timings = try latency(of: [task.source, .file(path)], batchSize: batch, search)
    let split = DataSplit(search: search.split.search, holdout: look.samples.indices)
    let notes = SearchNotes(
      confirmation: look.confirmation, split: split, heldBack: search.holdout.count,
      allowedLoss: search.allowedLoss, scored: scored, hasHead: search.judge.head != nil,
      isInterrupted: control.isInterrupted)
    let baseline = search.judge.scorer.baselineMean(over: search.split.search)
    let sign: Double = search.judge.scorer.metric.direction == .higherIsBetter ? 1 : -1
    return SearchOutcome(
      metric: search.judge.scorer.metric, original: original, exact: search.exact, result: look.model,
      steps: look.state.steps, scored: scored, confirmation: look.confirmation,
      latency: try LatencyComparison(baseline: timings[0], candidate: timings[1]), latencyBatch: batch,
      ledger: search.runner.ledger, split: split, calibrationCount: search.calibration.count,
      searchMetric: (baseline: baseline, result: baseline - sign * look.state.loss),
      wasInterrupted: control.isInterrupted, planFailed: look.isFallBack, notes: notes.lines)
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
