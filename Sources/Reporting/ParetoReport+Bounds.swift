import Search

extension ParetoReport {
  /// What kept a step from being bolder: of the refused plans that differ from the result's first steps in going on with
  /// the same strategy, the one that lost least. Nil where there is none, or the strategy goes on in the result itself.
  func refusal(beyond index: Int, of applied: [SearchReport.Applied]) -> PlanPoint? {
    let steps = applied.map { PlanPoint.Step(strategy: $0.strategy, title: $0.title) }
    guard steps.indices.contains(index) else { return nil }
    let strategy = steps[index].strategy
    guard index + 1 == steps.count || steps[index + 1].strategy != strategy else { return nil }
    return points.filter { point in
      guard !point.isWithinBudget, let last = point.steps.last, last.strategy == strategy else {
        return false
      }
      let replaces = point.steps.dropLast() == steps[..<index]
      let goesOn =
        point.steps.count > index + 1 && point.steps.starts(with: steps[...index])
        && point.steps.dropFirst(index + 1).allSatisfy { $0.strategy == strategy }
      return replaces || goesOn
    }.min { $0.loss < $1.loss }
  }
}
