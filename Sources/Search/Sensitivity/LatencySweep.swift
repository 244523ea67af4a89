import Candidates
import Evaluation
import GraphIR

/// Measures how fast the exact model is with single changes, each simplified again, in rounds interleaved with the
/// exact model.
struct LatencySweep {
  let search: Search
  let prepared: Search.Prepared
  /// Of rounds, for each change.
  let seconds: Double

  /// The least harmful first, so that an interrupt leaves out what matters least. Nothing else runs meanwhile.
  func measure(_ effects: inout [ChangeEffect]) throws {
    let order = effects.indices.filter { effects[$0].mayChangeLatency }
      .sorted { (effects[$0].best?.loss ?? 0, $0) < (effects[$1].best?.loss ?? 0, $1) }
    guard !order.isEmpty else { return }
    prepared.runner.stage = "latency"
    search.control.report(.stage("measuring latency", total: order.count))
    guard let exact = try search.unlessInterrupted({ try prepared.runner.prepare(prepared.exact) }) else {
      return
    }
    for index in order {
      search.control.report(.trying(effects[index].change.candidate.title))
      let result = try search.unlessInterrupted { try outcome(of: effects[index].change, exact.session) }
      guard let result else { return }
      switch result {
      case .success(let latency): effects[index].latency = latency
      case .failure(let error): effects[index].failure = "latency: \(error)"
      }
      search.control.report(.advanced(best: nil))
    }
  }

  /// - Throws: only where the call was cancelled.
  private func outcome(
    of change: SweptChange, _ exact: SessionHandle
  ) throws -> Result<LatencyComparison, any Error> {
    do {
      return .success(try latency(of: change, exact))
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch {
      return .failure(error)
    }
  }

  private func latency(of change: SweptChange, _ exact: SessionHandle) throws -> LatencyComparison {
    var model = prepared.exact
    try change.candidate.apply(to: &model)
    try search.simplify(&model)
    let variant = try prepared.runner.prepare(model, attempts: 1).session
    let timings = try search.client.latency(
      of: [exact, variant], on: prepared.searchSamples.dataset, batchSize: search.latencyBatch(prepared),
      plan: LatencyPlan(warmUps: 3, repetitions: 200, secondsLimit: seconds),
      timeout: search.options.trialSecondsLimit)
    return try LatencyComparison(baseline: timings[0], candidate: timings[1])
  }
}

extension ChangeEffect {
  /// A model that computes as much with as many numbers takes as long.
  fileprivate var mayChangeLatency: Bool {
    best != nil && saving.map { $0 != Saving() } ?? false
  }
}
