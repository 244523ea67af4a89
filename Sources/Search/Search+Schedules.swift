import Candidates
import Evaluation
import GraphAnalysis
import GraphIR

extension Search {
  func test(_ search: Prepared, share: Double) -> BudgetTest {
    BudgetTest(
      judge: search.judge, samples: search.searchSamples, calibration: search.calibration,
      allowedLoss: search.allowedLoss, share: share,
      margin: rule(search).planningMargin, control: control)
  }

  /// Follows each schedule, one after the other, each on models that the others left.
  ///
  /// Narrowing starts twice: after all removals, and after none. Removals may have spent on one layer what would have
  /// narrowed many.
  /// - Returns: `states` and those that gain something, the one that leaves least to compute and to store last.
  func follow(_ generators: [any ScheduleGenerator], from states: [PlanState], _ search: Prepared) throws
    -> [PlanState]
  {
    var states = states
    let exact = CostModel(search.exact)
    for generator in generators where !control.isInterrupted {
      search.runner.stage = type(of: generator).name
      control.report(.stage(search.runner.stage, total: nil))
      if type(of: generator).stage == .precision {
        states += try whole(generator, afterBoldestOf: states, search)
      } else {
        let bases = states.count > 1 ? [states[0], states[states.count - 1]] : states
        for base in bases { states += try asFarAsItHolds(generator, after: base, search) }
        states = states.map { (state: $0, left: CostModel($0.model).share(of: exact)) }
          .sorted { $0.left > $1.left }.map(\.state)
      }
    }
    return states
  }

  private func asFarAsItHolds(_ generator: any ScheduleGenerator, after state: PlanState, _ search: Prepared)
    throws -> [PlanState]
  {
    guard let schedule = try schedule(of: generator, for: state, search) else { return [] }
    let isLast = type(of: generator).stage == .precision
    let found = scheduleSearch(search, share: isLast ? 1 : options.narrowingShare)
      .states(along: schedule, of: generator, after: state)
    guard let last = found.last, try mayBeFaster(last.model, than: state.model, search) else { return [] }
    return found
  }

  /// The whole schedule gains so much for so little that rather an earlier step is given back than a part of it.
  ///
  /// A second plan, which starts from half the loss, is what the confirmation falls back on.
  private func whole(
    _ generator: any ScheduleGenerator, afterBoldestOf states: [PlanState], _ search: Prepared
  ) throws -> [PlanState] {
    var found: [PlanState] = []
    var mostLoss = Double.infinity
    for state in states.reversed() where state.loss <= mostLoss && !control.isInterrupted {
      guard let schedule = try schedule(of: generator, for: state, search) else { continue }
      guard let next = scheduleSearch(search, share: 1).whole(schedule, of: generator, after: state) else {
        continue
      }
      guard try !found.isEmpty || mayBeFaster(next.model, than: state.model, search) else { return [] }
      found.insert(next, at: 0)
      if found.count == 2 { break }
      mostLoss = state.loss / 2
    }
    return found.isEmpty ? try asFarAsItHolds(generator, after: states[states.count - 1], search) : found
  }

  private func schedule(of generator: any ScheduleGenerator, for state: PlanState, _ search: Prepared) throws
    -> (any Schedule)?
  {
    try generator.schedule(
      for: state.model, keeping: search.judge.head?.nodes ?? [],
      activations: Taps(model: state.model, calibration: search.calibration, runner: search.runner))
  }

  private func scheduleSearch(_ search: Prepared, share: Double) -> ScheduleSearch {
    ScheduleSearch(test: test(search, share: share), control: control)
  }

  /// Whether the measured latencies leave it possible: a busy machine is no reason to drop a plan. They are taken
  /// in interleaved rounds, under the settings of every other comparison.
  private func mayBeFaster(_ variant: Model, than model: Model, _ search: Prepared) throws -> Bool {
    let handles = try [model, variant].map { try search.runner.prepare(simplified($0)).session }
    let timings = try search.runner.withWorkers {
      try client.latency(
        of: handles, on: search.searchSamples.dataset, batchSize: latencyBatch(search),
        plan: LatencyPlan(warmUps: 2, repetitions: 15, secondsLimit: 1))
    }
    return try LatencyComparison(baseline: timings[0], candidate: timings[1]).lowerBound < 1
  }

  private func simplified(_ model: Model) throws -> Model {
    var model = model
    try simplify(&model)
    return model
  }

  func latencyBatch(_ search: Prepared) -> Int { min(options.batchSize, 32, search.holdout.count) }
}

extension CostModel {
  /// The mean of the shares of multiply-accumulates and of parameters that are left of another model's.
  fileprivate func share(of other: CostModel) -> Double {
    (Double(macs) / Double(max(other.macs, 1)) + Double(parameters) / Double(max(other.parameters, 1))) / 2
  }
}
