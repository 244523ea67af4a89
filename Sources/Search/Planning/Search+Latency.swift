import Evaluation
import GraphIR
import Journal

extension Search {
  /// Samples of one run whose latency is measured.
  func latencyBatch(_ prepared: Prepared) -> Int { min(options.batchSize, 32, prepared.holdout.count) }

  func pricing(_ prepared: Prepared) -> Pricing {
    Pricing(objective: options.objective, exact: PlanCost(of: prepared.exact)) { model in
      try self.unlessInterrupted { try self.latency(of: model, prepared) }
    }
  }

  /// Next to the exact model, in interleaved rounds, under the settings of every other comparison.
  private func latency(of model: Model, _ prepared: Prepared) throws -> LatencyComparison {
    let runner = prepared.runner
    let encoded = try [prepared.exact, simplified(model)].map { try runner.encoder.encode($0) }
    let plan = LatencyPlan(warmUps: 2, repetitions: 20, secondsLimit: 1)
    return try timings(of: encoded, title: "a plan", plan, prepared) {
      try runner.prepare(encoded[$0], attempts: 1).session
    }
  }

  /// Of the written result, next to the model as it was given.
  func latency(ofResult result: Model, at path: String, _ prepared: Prepared) throws -> LatencyComparison {
    let encoded = try [task.model, result].map { try prepared.runner.encoder.encode($0) }
    func measured(_ plan: LatencyPlan) throws -> LatencyComparison {
      let sources = [task.source, .file(path)]
      return try timings(of: encoded, title: "the result", plan, prepared) {
        try client.session(sources[$0], options.session)
      }
    }
    return try unlessInterrupted { try measured(LatencyPlan()) }
      ?? measured(LatencyPlan(warmUps: 1, repetitions: 5, secondsLimit: 0.2))
  }

  private func timings(
    of encoded: [VariantEncoder.Encoded], title: String, _ plan: LatencyPlan, _ prepared: Prepared,
    session: (_ index: Int) throws -> SessionHandle
  ) throws -> LatencyComparison {
    let batch = latencyBatch(prepared)
    let identity = encoded.map { Fingerprint($0.bytes) } + [Fingerprint([batch, plan.repetitions])]
    let samples = SampleSet(dataset: prepared.searchSamples.dataset, indices: Array(0..<batch))
    let timings = try prepared.runner.measured(.latency, of: title, samples, identity) {
      try prepared.runner.withWorkers {
        let sessions = try encoded.indices.map(session)
        var timings = Timings([[], []])
        repeat {
          timings.append(try client.latency(of: sessions, on: samples.dataset, batchSize: batch, plan: plan))
        } while !timings.isClear && timings.seconds < plan.secondsLimit && !control.isInterrupted
        return timings
      }
    }
    return try LatencyComparison(baseline: timings.columns[0], candidate: timings.columns[1])
  }

  private func simplified(_ model: Model) throws -> Model {
    var model = model
    try simplify(&model)
    return model
  }
}

/// Seconds of each round, of two models.
private struct Timings: Recordable {
  private(set) var columns: [[Double]]

  init(_ timings: [[Double]]) { columns = timings }

  init?(columns: [[Double]]) {
    guard columns.count == 2, !columns[0].isEmpty, columns[0].count == columns[1].count else { return nil }
    self.columns = columns
  }

  mutating func append(_ rounds: [[Double]]) {
    guard rounds.count == columns.count else { return }
    for index in columns.indices { columns[index] += rounds[index] }
  }

  var seconds: Double { columns.reduce(0) { $0 + $1.reduce(0, +) } }

  /// Whether the ratio is known to 3 %. Where others use the machine, few rounds are not enough for that.
  var isClear: Bool {
    guard let summary else { return true }
    return 2 * 1.96 * summary.standardError <= 0.06 * summary.value
  }

  /// The ratio of the medians.
  var summary: (value: Double, standardError: Double)? {
    guard let comparison = try? LatencyComparison(baseline: columns[0], candidate: columns[1]) else {
      return nil
    }
    return (comparison.ratio, (comparison.upperBound - comparison.lowerBound) / 3.92)
  }
}
