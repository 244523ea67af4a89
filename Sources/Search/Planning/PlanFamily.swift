import Candidates

/// Ever bolder plans: each makes the changes of the one before, and one more.
protocol PlanFamily {
  /// What they go on from.
  var base: PlanState { get }
  /// How many there are.
  var count: Int { get }
  /// Whether `foretold` is in the unit of the loss.
  var foretellsLoss: Bool { get }
  /// What the first `count` changes are thought to lose in all.
  func foretold(_ count: Int) -> Double
  /// The plan with the first `count` changes, not measured yet; nil where it cannot be made.
  func plan(_ count: Int) -> PlanState?
  /// What each step of that plan after the base's is thought to lose.
  func parts(_ count: Int) -> [Double]
}

/// The changes of a schedule, in its order.
struct ScheduleFamily: PlanFamily {
  let base: PlanState
  let schedule: any Schedule
  let strategy: any Strategy
  let foretellsLoss = false
  private let errors: [Double]

  init(_ schedule: any Schedule, of strategy: any Strategy, after base: PlanState) {
    self.schedule = schedule
    self.strategy = strategy
    self.base = base
    errors = schedule.steps.map { max($0.predictedError, 0) }.cumulated
  }

  var count: Int { schedule.steps.count }

  func foretold(_ count: Int) -> Double { errors[count] }

  func plan(_ count: Int) -> PlanState? {
    base.applying([ScheduleEdit(schedule: schedule, count: count).candidate(of: strategy)])
  }

  func parts(_ count: Int) -> [Double] { [1] }
}

/// Candidates that were tried alone, the best first.
struct CandidateFamily: PlanFamily {
  let base: PlanState
  let candidates: [Candidate]
  let foretellsLoss: Bool
  /// Nil where plans are left as they are.
  private let repair: StatisticsRepair?
  private let losses: [Double]
  private let total: [Double]

  /// - Parameters:
  ///   - losses: foretold for each candidate.
  ///   - foretellsLoss: whether they are in the unit of the loss.
  init(
    _ candidates: [Candidate], losses: [Double], after base: PlanState, repair: StatisticsRepair? = nil,
    foretellsLoss: Bool = true
  ) {
    self.foretellsLoss = foretellsLoss
    self.base = base
    self.repair = repair
    self.candidates = candidates
    self.losses = losses
    total = losses.cumulated
  }

  var count: Int { candidates.count }

  func foretold(_ count: Int) -> Double { total[count] }

  func plan(_ count: Int) -> PlanState? {
    let plan = base.applying(Array(candidates.prefix(count)))
    return plan.map { repair?.repaired($0) ?? $0 }
  }

  func parts(_ count: Int) -> [Double] { Array(losses.prefix(count)) }
}

/// Plans of another family, each with fewer bits as far as a strategy goes.
struct LoweredFamily: PlanFamily {
  let plans: any PlanFamily
  /// Fewer bits for a plan; nil where that is not possible.
  let lowered: (PlanState) -> PlanState?

  var base: PlanState { plans.base }
  var count: Int { plans.count }
  var foretellsLoss: Bool { false }

  func foretold(_ count: Int) -> Double { plans.foretold(count) }

  func plan(_ count: Int) -> PlanState? { (count == 0 ? base : plans.plan(count)).flatMap(lowered) }

  func parts(_ count: Int) -> [Double] {
    // Nothing is foretold of fewer bits: as much as of the others in the mean.
    let parts = plans.parts(count)
    return parts + [parts.reduce(0, +) / Double(max(parts.count, 1))]
  }
}

extension [Double] {
  /// The sums of none, of the first, of the first two, and so on.
  fileprivate var cumulated: [Double] {
    reduce(into: [0]) { sums, value in sums.append((sums.last ?? 0) + value) }
  }
}
