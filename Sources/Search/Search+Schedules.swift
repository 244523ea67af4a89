import Candidates
import Evaluation
import GraphIR

extension Search {
  func test(_ search: Prepared, share: Double) -> BudgetTest {
    BudgetTest(
      judge: search.judge, samples: search.searchSamples, calibration: search.calibration,
      allowedLoss: search.allowedLoss, share: share,
      margin: rule(search).planningMargin, control: control)
  }

  /// Follows each schedule as far as it holds, one after the other, each on the model that the others left.
  /// - Returns: `states` and one more for each schedule that gains something.
  func follow(_ generators: [any ScheduleGenerator], from states: [PlanState], _ search: Prepared) throws
    -> [PlanState]
  {
    var states = states
    for generator in generators where !control.isInterrupted {
      let strategy = type(of: generator)
      search.runner.stage = strategy.name
      let state = states[states.count - 1]
      let activations = Taps(model: state.model, calibration: search.calibration, runner: search.runner)
      guard
        let schedule = try generator.schedule(
          for: state.model, keeping: search.judge.head?.nodes ?? [], activations: activations)
      else { continue }
      let share = strategy.stage < .precision ? options.narrowingShare : 1
      let next = try ScheduleSearch(test: test(search, share: share), control: control).longest(
        schedule, of: generator, after: state
      ) { try isFaster($0, than: state.model, search) }
      if let next { states.append(next) }
    }
    return states
  }

  /// Measured in interleaved rounds, under the settings of every other comparison.
  private func isFaster(_ variant: Model, than model: Model, _ search: Prepared) throws -> Bool {
    let handles = try [model, variant].map { try search.runner.prepare(simplified($0)).session }
    let timings = try search.runner.withWorkers {
      try client.latency(
        of: handles, on: search.searchSamples.dataset, batchSize: latencyBatch(search),
        plan: LatencyPlan(warmUps: 2, repetitions: 15, secondsLimit: 1))
    }
    return try LatencyComparison(baseline: timings[0], candidate: timings[1]).ratio < 1
  }

  private func simplified(_ model: Model) throws -> Model {
    var model = model
    try simplify(&model)
    return model
  }

  func latencyBatch(_ search: Prepared) -> Int { min(options.batchSize, 32, search.holdout.count) }
}
