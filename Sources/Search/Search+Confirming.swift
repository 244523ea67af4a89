import Evaluation
import GraphIR
import Journal
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

  /// The plans that held-back samples are asked about, and the looks so far, which an interrupt does not undo: no plan
  /// gets a second one.
  private final class Descent {
    let plans: [PlanState]
    let shares: [Double]
    let exact: PlanState
    var looks: [ConfirmationLook] = []

    init(_ plans: [PlanState], shares: [Double], exact: PlanState) {
      self.plans = plans
      self.shares = shares
      self.exact = exact
    }
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
    _ planning: Planning, _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("measuring plans", total: nil))
    let descent = try descent(planning, search)
    control.report(.stage("confirming", total: nil))
    search.runner.stage = "confirmation"
    let confirmed =
      try unlessInterrupted { try firstConfirmed(on: search.holdout, descent, search) }
      ?? firstConfirmed(on: search.hurriedHoldout, descent, search)
    return try outcome(confirmed, planning, scored, original: original, search)
  }

  /// Fixed before the first look. Looks that an earlier run has spent on other plans are gone.
  private func descent(_ planning: Planning, _ search: Prepared) throws -> Descent {
    let plans = try planning.ladder()
    let earlier = try journal?.spentOnLooks(
      without: plans.map { try fingerprint(of: $0, search) }, samples: search.holdout.count)
    return Descent(
      plans, shares: Ladder.shares(plans.count, of: max(0, 1 - (earlier ?? 0))), exact: planning.exact)
  }

  /// Goes down the ladder from where it was left, to the first plan that the held-back samples confirm, at last to
  /// the exact model.
  private func firstConfirmed(on samples: SampleSet, _ descent: Descent, _ search: Prepared) throws
    -> Confirmed
  {
    let scorer = try heldBackScorer(on: samples, search)
    for (state, share) in zip(descent.plans, descent.shares).dropFirst(descent.looks.count) {
      let measured = try measure(state, scorer, on: samples, search)
      let look = ConfirmationLook(
        steps: state.steps.count, share: share, samples: samples.count, measured?.comparison,
        rule: rule(search))
      descent.looks.append(look)
      try journal?.add(LookRecord(look, of: state, plan: fingerprint(of: state, search)))
      if let measured, look.isAccepted {
        return confirmed(measured, state, scorer, on: samples, descent, search)
      }
    }
    let exact = try compare(descent.exact, scorer, on: samples, search)
    return confirmed(exact, descent.exact, scorer, on: samples, descent, search)
  }

  private func heldBackScorer(on samples: SampleSet, _ search: Prepared) throws -> Scorer {
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
    return scorer
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
    confirmation.possibleLooks = descent.plans.count
    return Confirmed(
      model: measured.model, state: state, confirmation: confirmation, samples: samples,
      isFallBack: state.steps.isEmpty && !descent.looks.isEmpty)
  }

  /// The plan's model with its refitted last layer, simplified again.
  func finished(_ state: PlanState, _ search: Prepared) throws -> Model {
    var model = state.model
    guard !state.steps.isEmpty else { return model }
    if let refitted = state.refitted, let head = search.judge.head?.head {
      try head.setParameters(refitted, in: &model)
    }
    try simplify(&model)
    return model
  }

  private func fingerprint(of state: PlanState, _ search: Prepared) throws -> Fingerprint {
    Fingerprint(try search.runner.encoder.encode(finished(state, search)).bytes)
  }

  private func outcome(
    _ result: Confirmed, _ planning: Planning, _ scored: [ScoredCandidate], original: Model,
    _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("measuring latency", total: nil))
    let path = TensorCore.FilePath.joining(task.outputFolder, "optimized.onnx")
    try ONNXFormat.write(result.model.named(), to: path, overwriting: isResuming)
    let latency = try latency(ofResult: result.model, at: path, search)
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
      latency: latency, latencyBatch: latencyBatch(search),
      ledger: search.runner.ledger, split: split, calibrationCount: search.calibration.count,
      searchMetric: (baseline: baseline, result: baseline - sign * result.state.loss),
      wasInterrupted: control.isInterrupted, planFailed: result.isFallBack,
      warnings: warnings(search), notes: notes.lines)
  }
}

extension LookRecord {
  fileprivate init(_ look: ConfirmationLook, of state: PlanState, plan: Fingerprint) {
    self.init(
      plan: plan, title: state.title, samples: look.samples, errorShare: look.errorShare,
      isAccepted: look.isAccepted, loss: look.measured?.loss, upperBound: look.measured?.upperBound)
  }
}
