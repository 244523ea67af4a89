import Candidates
import GraphIR

/// Finds how far a schedule can go within the budget.
struct ScheduleSearch {
  let test: BudgetTest
  let control: SearchControl

  /// - Returns: nil where the whole schedule does not hold.
  func whole(_ schedule: any Schedule, of strategy: any Strategy, after state: PlanState) -> PlanState? {
    attempt(schedule.steps.count, of: schedule, strategy, after: state)
  }

  /// By halving what is left; the whole schedule last.
  /// - Returns: the states that held, each further along than the one before; none where not even the first step
  ///   holds.
  func states(along schedule: any Schedule, of strategy: any Strategy, after state: PlanState) -> [PlanState]
  {
    var found: [PlanState] = []
    var (holds, fails) = (0, schedule.steps.count + 1)
    let total = schedule.steps.count
    while holds < total, !control.isInterrupted {
      // A last step or two of many is not worth another run.
      guard fails > total || fails - holds > max(1, total / 32) else { break }
      let count = (holds + fails) / 2
      if let next = attempt(count, of: schedule, strategy, after: state) {
        found.append(next)
        holds = count
      } else {
        fails = count
      }
    }
    return found
  }

  private func attempt(
    _ count: Int, of schedule: any Schedule, _ strategy: any Strategy, after state: PlanState
  ) -> PlanState? {
    let candidate = ScheduleEdit(schedule: schedule, count: count).candidate(of: strategy)
    var variant = state.model
    guard (try? candidate.apply(to: &variant)) != nil else { return nil }
    let next = state.adding(candidate, variant, test)
    control.report(.advanced(label: candidate.title, best: next == nil ? nil : candidate.title))
    return next
  }
}

/// The first changes of a schedule as one edit.
struct ScheduleEdit: CandidateEdit {
  let schedule: any Schedule
  let count: Int
  static let kind = "schedule"

  var title: String { "\(count) of \(schedule.steps.count) steps" }

  func apply(to model: inout Model, as name: String) throws {
    try schedule.apply(first: count, to: &model)
  }

  func candidate(of strategy: any Strategy) -> Candidate {
    let steps = schedule.steps.prefix(count)
    return Candidate(
      strategy: type(of: strategy).name, kind: Self.kind, title: title, nodes: steps.flatMap(\.nodes),
      edit: self,
      saving: steps.reduce(Saving()) { $0 + $1.saving })
  }
}
