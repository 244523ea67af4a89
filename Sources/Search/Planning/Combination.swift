import Candidates
import Evaluation
import GraphIR

/// Combines candidates: the best predicted gain for its loss first, measured together, since losses do not add up.
struct Combination {
  let test: BudgetTest
  let options: SearchOptions
  let control: SearchControl
  var log: PlanLog?
  /// What layers behind removed ones get; nil where there is nothing to mend.
  var repair: StatisticsRepair?

  private var allowedLoss: Double { test.share * test.allowedLoss }

  /// A command's number is in another unit than what single samples lose.
  private var foretellsLoss: Bool { test.command == nil }

  private var search: FamilySearch { FamilySearch(test: test, control: control, log: log) }

  /// - Returns: the plans that held, the base first and each bolder than the one before.
  func combine(_ scored: [ScoredCandidate], base: Model) -> [PlanState] {
    let ranking = Ranking(scored, base: base)
    let ordered = ordered(scored, ranking)
    control.report(.stage("combining", total: nil))
    let sequence = compatible(ordered, ranking)
    let family = CandidateFamily(
      sequence.map(\.candidate), losses: sequence.map(ranking.loss), after: PlanState(model: base),
      repair: repair, foretellsLoss: foretellsLoss)
    let outcome = search.run(on: family)
    let last = outcome.plans.last ?? family.base
    let refused = outcome.failed?.count == last.steps.count + 1 ? [sequence[last.steps.count]] : []
    return [family.base] + outcome.plans + oneMore(of: ordered, after: last, refused: refused, ranking)
  }

  /// Those that could fit, best first. What alone loses far more than the budget is not tried again.
  private func ordered(_ scored: [ScoredCandidate], _ ranking: Ranking) -> [ScoredCandidate] {
    return scored.filter { candidate in
      guard candidate.loss != nil, candidate.samples > 0,
        ranking.gain(of: candidate.candidate) >= options.smallestGain
      else { return false }
      guard foretellsLoss else { return true }
      // Two standard deviations of the difference of two shares, as a rough bound on luck.
      let slack = 2 * (0.05 / Double(candidate.samples)).squareRoot()
      return ranking.loss(of: candidate) <= allowedLoss + slack
    }.sorted { ranking.precedes($0, $1) }
  }

  /// Candidates that share no node, the best first.
  private func compatible(_ ordered: [ScoredCandidate], _ ranking: Ranking) -> [ScoredCandidate] {
    var (chosen, rest): ([ScoredCandidate], [ScoredCandidate]) = ([], ordered)
    while let first = rest.first {
      let next = wider(than: first, among: rest, ranking) ?? first
      chosen.append(next)
      rest.removeAll { overlaps($0.candidate, next.candidate.nodes) }
    }
    return chosen
  }

  /// A candidate that takes the same nodes, or these and more, saves more, and is predicted to lose hardly more: the
  /// branch with its sum, say, instead of only what the branch computes; or nothing instead of a linear map.
  private func wider(
    than candidate: ScoredCandidate, among others: [ScoredCandidate], _ ranking: Ranking
  ) -> ScoredCandidate? {
    let nodes = Set(candidate.candidate.nodes)
    return others.filter { other in
      nodes.isSubset(of: other.candidate.nodes)
        && ranking.gain(of: other.candidate) > ranking.gain(of: candidate.candidate)
        && ranking.loss(of: other) <= ranking.loss(of: candidate) + allowedLoss / 20
    }.max { ranking.gain(of: $0.candidate) < ranking.gain(of: $1.candidate) }
  }

  /// What comes behind one that did not fit may fit, and so may a part of that one.
  private func oneMore(
    of ordered: [ScoredCandidate], after plan: PlanState, refused: [ScoredCandidate], _ ranking: Ranking
  ) -> [PlanState] {
    var (found, refused): ([PlanState], [ScoredCandidate]) = ([], refused)
    for next in ordered where refused.count < options.patience && !control.isInterrupted {
      let last = found.last ?? plan
      guard !overlaps(next.candidate, last.changed),
        !refused.contains(where: { isSame($0, as: next) || isTwin($0, of: next) })
      else { continue }
      let family = CandidateFamily(
        [next.candidate], losses: [ranking.loss(of: next)], after: last, repair: repair,
        foretellsLoss: foretellsLoss)
      if let more = search.whole(family) {
        found.append(more)
      } else {
        refused.append(next)
      }
    }
    return found
  }

  /// Whether two candidates that share nodes had the very same effect when tried alone: bypassing a residual
  /// block before or after its last activation, say.
  private func isTwin(_ a: ScoredCandidate, of b: ScoredCandidate) -> Bool {
    guard let first = a.distortion, let second = b.distortion, overlaps(a.candidate, b.candidate.nodes) else {
      return false
    }
    return abs(first - second) <= 1e-9 * max(first, second)
  }

  private func isSame(_ a: ScoredCandidate, as b: ScoredCandidate) -> Bool {
    a.candidate.title == b.candidate.title && a.candidate.strategy == b.candidate.strategy
  }

  private func overlaps(_ candidate: Candidate, _ removed: [NodeID]) -> Bool {
    let gone = Set(removed)
    return candidate.nodes.contains { gone.contains($0) }
  }
}
