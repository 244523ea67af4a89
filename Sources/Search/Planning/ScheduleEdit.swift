import Candidates
import GraphIR

/// The first changes of a schedule as one edit.
struct ScheduleEdit: CandidateEdit {
  let schedule: any Schedule
  let count: Int
  static let kind = "schedule"

  private var title: String { "\(count) of \(schedule.steps.count) steps" }

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
