import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import Search

extension SearchReport {
  /// - Parameter bytes: of the model's file before and after.
  public init(
    _ outcome: SearchOutcome, model: String, budget: AccuracyBudget, data: Data,
    bytes: (baseline: Int, result: Int), run: Run
  ) {
    self.model = model
    let metric = outcome.metric
    self.budget = Budget(
      limit: budget.limit, kind: metric.scale == .absolute ? "absolute" : "relative",
      confidence: budget.confidence)
    self.metric = Metric(metric)
    self.data = data
    samples = Samples(
      search: outcome.split.search.count, holdout: outcome.split.holdout.count,
      calibration: outcome.calibrationCount)
    let confirmation = outcome.confirmation
    baseline = Variant(
      outcome.original, metric: confirmation.baselineMetric, searchMetric: outcome.searchMetric.baseline,
      bytes: bytes.baseline, latency: Latency(outcome, isBaseline: true, threads: run.threads))
    result = Variant(
      outcome.result, metric: confirmation.resultMetric, searchMetric: outcome.searchMetric.result,
      bytes: bytes.result, latency: Latency(outcome, isBaseline: false, threads: run.threads))
    loss = Estimate(confirmation)
    isWithinBudget = confirmation.isWithinBudget
    self.confirmation = Evidence(confirmation)
    planFailed = outcome.planFailed
    exactPasses = outcome.exact.journal.applications(since: outcome.original.journal).map {
      PassUse(name: $0.author, applications: $0.count)
    }
    exactNodes = CostModel(outcome.exact).nodes
    let sign: Double = metric.direction == .higherIsBetter ? -1 : 1
    applied = outcome.steps.map { Applied($0, in: outcome.exact, sign: sign) }
    regions = outcome.scored.map { ScoredRegion($0, in: outcome.exact, sign: sign) }
    evaluations = outcome.ledger.passes
    evaluationParts = outcome.ledger.entries.map {
      EvaluationPart(stage: $0.stage, passes: outcome.ledger.passes(of: $0))
    }
    wallSeconds = run.wallSeconds
    runtimeSeconds = run.runtimeSeconds
    runtime = run.runtime
    seed = run.seed
    threads = run.threads
    wasInterrupted = outcome.wasInterrupted
    notes = outcome.warnings + outcome.notes
  }
}

extension SearchReport.Estimate {
  init(_ confirmation: Confirmation) {
    self.init(
      value: confirmation.loss, lower: confirmation.lossInterval.lowerBound,
      upper: confirmation.lossInterval.upperBound)
  }
}

extension SearchReport.Metric {
  init(_ metric: Metric) {
    self.init(name: metric.name, output: metric.output, higherIsBetter: metric.direction == .higherIsBetter)
  }
}

extension SearchReport.Evidence {
  fileprivate init(_ confirmation: Confirmation) {
    self.init(
      method: confirmation.method.rawValue, certainty: confirmation.acceptedLook?.measured?.certainty,
      looks: confirmation.looks.map {
        SearchReport.Look(
          steps: $0.steps, samples: $0.samples, errorShare: $0.errorShare, isAccepted: $0.isAccepted,
          loss: $0.measured?.loss, upperBound: $0.measured?.upperBound,
          probability: $0.measured?.probability, certainty: $0.measured?.certainty)
      },
      possibleLooks: confirmation.possibleLooks)
  }
}

extension SearchReport.Variant {
  fileprivate init(
    _ model: Model, metric: Double, searchMetric: Double, bytes: Int, latency: SearchReport.Latency
  ) {
    let costs = CostModel(model)
    self.init(
      metric: metric, searchMetric: searchMetric, nodes: costs.nodes, parameters: costs.parameters,
      bytes: bytes, macs: costs.macs, latency: latency)
  }
}

extension SearchReport.Latency {
  fileprivate init(_ outcome: SearchOutcome, isBaseline: Bool, threads: Int) {
    let latency = outcome.latency
    let median = isBaseline ? latency.baselineMedian : latency.candidateMedian
    self.init(
      medianMilliseconds: median * 1e3,
      ratio: isBaseline
        ? .init(value: 1, lower: 1, upper: 1)
        : .init(value: latency.ratio, lower: latency.lowerBound, upper: latency.upperBound),
      threads: threads, batch: outcome.latencyBatch, pairs: latency.rounds)
  }
}

extension SearchReport.Applied {
  fileprivate init(_ step: AppliedStep, in model: Model, sign: Double) {
    let candidate = step.candidate
    self.init(
      strategy: candidate.strategy, kind: candidate.kind, title: candidate.title,
      nodes: candidate.nodes.map { model.label(of: $0) }, metricChange: sign * step.lossOfStep,
      gain: candidate.saving)
  }
}

extension SearchReport.ScoredRegion {
  fileprivate init(_ scored: ScoredCandidate, in model: Model, sign: Double) {
    let candidate = scored.candidate
    self.init(
      strategy: candidate.strategy, kind: candidate.kind, title: candidate.title,
      nodes: candidate.nodes.map { model.label(of: $0) }, samples: scored.samples,
      metricChange: scored.loss.map { sign * $0 }, metricChangeBare: scored.bareLoss.map { sign * $0 },
      distortion: scored.distortion, gain: candidate.saving, failure: scored.failure)
  }
}
