import Candidates
import GraphIR

/// Finds how far a schedule can go within the budget: its whole first, then by halving what is left.
struct ScheduleSearch {
  let test: BudgetTest
  let control: SearchControl

  /// - Parameter isWorthwhile: whether a variant gains what the search is after; asked for those that hold.
  /// - Returns: nil where not even the first step holds, or nothing that holds is worthwhile.
  func longest(
    _ schedule: any Schedule, of strategy: any Strategy, after state: PlanState,
    isWorthwhile: (Model) throws -> Bool
  ) rethrows -> PlanState? {
    var best: PlanState?
    var (holds, fails) = (0, schedule.steps.count + 1)
    var count = schedule.steps.count
    control.report(.stage(type(of: strategy).name, total: nil))
    while count > holds, !control.isInterrupted {
      let edit = ScheduleEdit(schedule: schedule, count: count)
      if let next = attempt(edit.candidate(of: strategy), after: state) {
        (best, holds) = (next, count)
      } else {
        fails = count
      }
      control.report(.advanced(label: edit.title, best: "\(holds) of \(schedule.steps.count)"))
      // A last step or two of many is not worth another run.
      guard fails - holds > max(1, schedule.steps.count / 32) else { break }
      count = (holds + fails) / 2
    }
    guard let best, try isWorthwhile(best.model) else { return nil }
    return best
  }

  private func attempt(_ candidate: Candidate, after state: PlanState) -> PlanState? {
    var variant = state.model
    guard (try? candidate.apply(to: &variant)) != nil else { return nil }
    return state.adding(candidate, variant, test)
  }
}

/// The first changes of a schedule as one edit.
private struct ScheduleEdit: CandidateEdit {
  let schedule: any Schedule
  let count: Int

  var title: String { "\(count) of \(schedule.steps.count) steps" }

  func apply(to model: inout Model, as name: String) throws {
    try schedule.apply(first: count, to: &model)
  }

  func candidate(of strategy: any Strategy) -> Candidate {
    let steps = schedule.steps.prefix(count)
    return Candidate(
      strategy: type(of: strategy).name, kind: "schedule", title: title, nodes: steps.flatMap(\.nodes),
      edit: self,
      saving: steps.reduce(Saving()) { $0 + $1.saving })
  }
}
