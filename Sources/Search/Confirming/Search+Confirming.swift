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
    let metric = search.metric
    return [
      search.calibrationSamples.warning,
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
    let confirmed = try hurrying(search) { try firstConfirmed(on: $0, descent, search) }
    control.report(.stage("measuring latency", total: nil))
    let written = try write(confirmed, search)
    guard options.objective == .latency, !confirmed.state.steps.isEmpty, written.latency.ratio >= 1 else {
      return try outcome(written, planning, scored, original: original, search)
    }
    let exact = try hurrying(search) { samples in
      try confirmedExact(heldBackScorer(on: samples, search), on: samples, descent, search)
    }
    var result = try write(exact, search)
    result.slower = written.latency
    return try outcome(result, planning, scored, original: original, search)
  }

  /// Held-back samples, and few of them where somebody waits.
  private func hurrying(_ search: Prepared, _ body: (SampleSet) throws -> Confirmed) throws -> Confirmed {
    try unlessInterrupted { try body(search.holdout) } ?? body(search.hurriedHoldout)
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
      try journal?.add(LookRecord(look, title: state.title, plan: fingerprint(of: state, search)))
      if let measured, look.isAccepted {
        return try confirmed(measured, state, scorer, on: samples, descent, search)
      }
    }
    return try confirmedExact(scorer, on: samples, descent, search)
  }

  private func confirmedExact(
    _ scorer: Scorer, on samples: SampleSet, _ descent: Descent, _ search: Prepared
  ) throws -> Confirmed {
    let model = descent.exact.model
    let comparison = try compare(model, scorer, descent.exact.title, on: samples, search)
    return try confirmed((model, comparison), descent.exact, scorer, on: samples, descent, search)
  }

  func heldBackScorer(on samples: SampleSet, _ search: Prepared) throws -> Scorer {
    var scorer = search.judge.scorer
    let output = search.originalVariant.outputs.firstIndex(of: scorer.metric.output) ?? 0
    let baseline = try search.runner.run(search.originalVariant, on: samples)[output]
    try requireNumbers(baseline, named: scorer.metric.output, of: samples.indices, "held-back samples")
    try scorer.setBaseline(baseline, for: samples.indices)
    return scorer
  }

  private typealias Measured = (model: Model, comparison: PairedComparison)

  /// Nil where a plan cannot be run on these samples, or gives no numbers there: it has failed like one that loses.
  private func measure(
    _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, _ search: Prepared
  ) throws -> Measured? {
    do {
      let model = try finished(state, search)
      return (model, try compare(model, scorer, state.title, on: samples, search))
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch {
      return nil
    }
  }

  /// With the original, pair by pair or by the command.
  func compare(
    _ model: Model, _ scorer: Scorer, _ title: String, on samples: SampleSet, _ search: Prepared
  ) throws -> PairedComparison {
    if let command = search.command {
      // Whoever waits gets a rougher interval.
      let groups = control.isInterrupted ? CommandJudge.choosingGroups : CommandJudge.confirmingGroups
      return try command.comparison(of: model, title: title, on: samples, groups: groups)
    }
    let variant = try search.runner.prepare(model.extracting([scorer.output(of: model)]))
    let outputs = try search.runner.run(variant, on: samples)[0]
    return try scorer.comparison(outputs, on: samples, seed: options.seed)
  }

  private func confirmed(
    _ measured: Measured, _ state: PlanState, _ scorer: Scorer, on samples: SampleSet, _ descent: Descent,
    _ search: Prepared
  ) throws -> Confirmed {
    var confirmation = Confirmation(
      measured.comparison, of: search.metric, baseline: try search.baseline(on: samples, scorer),
      rule: rule(search))
    confirmation.looks = descent.looks
    confirmation.possibleLooks = descent.plans.count
    return Confirmed(
      model: measured.model, state: state, confirmation: confirmation, samples: samples,
      isFallBack: state.steps.isEmpty && !descent.looks.isEmpty && !descent.looks.contains { $0.isAccepted })
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

  // MARK: Result

  private struct Written {
    let confirmed: Confirmed
    /// Next to the model as it was given.
    let latency: LatencyComparison
    /// Of a plan that was confirmed, but had no gain in the end.
    var slower: LatencyComparison?
  }

  private func write(_ result: Confirmed, _ search: Prepared) throws -> Written {
    let path = TensorCore.FilePath.joining(task.outputFolder, "optimized.onnx")
    try ONNXFormat.write(result.model.named(), to: path, overwriting: true)
    return Written(confirmed: result, latency: try latency(ofResult: result.model, at: path, search))
  }

  private func outcome(
    _ written: Written, _ planning: Planning, _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    let result = written.confirmed
    let split = DataSplit(search: search.split.search, holdout: result.samples.indices)
    let points = try keepPoints(of: planning, result: result.state, search)
    let notes = SearchNotes(
      confirmation: result.confirmation, split: split, heldBack: search.holdout.count,
      rule: rule(search), scored: scored, planFailures: planning.failures, points: points,
      objective: options.objective, slower: written.slower, hasHead: search.judge.head != nil,
      commandFailures: search.command?.failures ?? (0, ""),
      isInterrupted: control.isInterrupted, journalFailure: journal?.failure)
    let baseline = try search.baseline(on: search.choosing)
    let sign: Double = search.metric.direction == .higherIsBetter ? 1 : -1
    return SearchOutcome(
      metric: search.metric, original: original, exact: search.exact, result: result.model,
      steps: result.state.steps, scored: scored, points: points,
      allowedLoss: search.allowedLoss, confirmation: result.confirmation,
      latency: written.latency, latencyBatch: latencyBatch(search),
      ledger: search.runner.ledger, split: split, calibrationCount: search.calibration.count,
      searchMetric: (baseline: baseline, result: baseline - sign * result.state.loss),
      wasInterrupted: control.isInterrupted, planFailed: result.isFallBack,
      warnings: warnings(search), notes: notes.lines)
  }
}

extension LookRecord {
  init(_ look: ConfirmationLook, title: String, plan: Fingerprint) {
    self.init(
      plan: plan, title: title, samples: look.samples, errorShare: look.errorShare,
      isAccepted: look.isAccepted, loss: look.measured?.loss, upperBound: look.measured?.upperBound)
  }
}
