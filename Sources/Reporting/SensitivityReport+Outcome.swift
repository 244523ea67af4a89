import Candidates
import Evaluation
import GraphIR
import Search

extension SensitivityReport {
  public init(_ sensitivity: Sensitivity, model: String, data: SearchReport.Data, run: SearchReport.Run) {
    self.model = model
    let metric = sensitivity.metric
    self.metric = SearchReport.Metric(
      name: metric.name, output: metric.output, higherIsBetter: metric.direction == .higherIsBetter)
    metricCommand = sensitivity.command?.line
    self.data = data
    baseline = sensitivity.baseline
    total = sensitivity.total
    samples = sensitivity.samples.count
    calibrationSamples = sensitivity.calibrationCount
    objective = sensitivity.gain.rawValue
    let exact = sensitivity.exact
    let order = exact.nodes(of: exact.mainGraph).enumerated().map { ($0.element, $0.offset) }
    let positions = Dictionary(order) { first, _ in first }
    changes = sensitivity.effects.map { effect in
      let position = effect.change.candidate.nodes.compactMap { positions[$0] }.min() ?? order.count
      return Change(effect, at: position, in: sensitivity, threads: run.threads)
    }
    changeCount = sensitivity.changeCount
    evaluations = sensitivity.ledger.passes
    wallSeconds = run.wallSeconds
    runtimeSeconds = run.runtimeSeconds
    runtime = run.runtime
    seed = run.seed
    threads = run.threads
    wasInterrupted = sensitivity.wasInterrupted
    notes = sensitivity.notes
  }
}

extension SensitivityReport.Change {
  fileprivate init(_ effect: ChangeEffect, at position: Int, in sensitivity: Sensitivity, threads: Int) {
    let candidate = effect.change.candidate
    self.init(
      strategy: candidate.strategy, kind: candidate.kind, title: candidate.title, layer: effect.change.layer,
      action: effect.change.action, nodes: candidate.nodes.map { sensitivity.exact.label(of: $0) },
      position: position, bare: effect.bare.map { .init($0) }, refitted: effect.refitted.map { .init($0) },
      gain: effect.saving,
      latency: effect.latency.map { .init($0, batch: sensitivity.latencyBatch, threads: threads) },
      dropPerGain: effect.dropPerGain(sensitivity.gain, total: sensitivity.total),
      predictedError: effect.change.predictedError, failure: effect.failure)
  }
}

extension SensitivityReport.Effect {
  fileprivate init(_ effect: OutputEffect) {
    self.init(
      drop: .init(
        value: effect.loss, lower: effect.lossInterval.lowerBound, upper: effect.lossInterval.upperBound),
      method: effect.method.rawValue, worseSamples: effect.worse, betterSamples: effect.better,
      sqnrDecibels: effect.decibels)
  }
}

extension SearchReport.Latency {
  fileprivate init(_ latency: LatencyComparison, batch: Int, threads: Int) {
    self.init(
      medianMilliseconds: latency.candidateMedian * 1e3,
      ratio: .init(value: latency.ratio, lower: latency.lowerBound, upper: latency.upperBound),
      threads: threads, batch: batch, pairs: latency.rounds)
  }
}

extension Sensitivity {
  fileprivate var notes: [String] {
    var notes: [String] = []
    if wasInterrupted {
      let timed = effects.count { $0.latency != nil }
      let latencies = timed > 0 ? "; \(timed) were timed" : ""
      notes.append(
        "the sweep was interrupted: \(effects.count) of \(changeCount) changes were measured\(latencies)")
    } else if effects.isEmpty {
      notes.append("the strategies propose no change of this model")
    }
    let failed = effects.filter { $0.failure != nil }
    if let first = failed.first {
      notes.append(
        "\(failed.count) of \(effects.count) changes failed; \(first.change.candidate.title): "
          + (first.failure ?? ""))
    }
    if !hasHead { notes.append("the scores come from no linear layer, so that nothing was refitted") }
    return notes
  }
}
