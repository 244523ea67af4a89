import Candidates
import Evaluation
import GraphIR
import LinearAlgebra

/// A candidate that the plan took, and what the search split said at that step.
public struct AppliedStep: Sendable {
  public let candidate: Candidate
  /// How much worse the metric was in all after this step.
  public let lossAfter: Double
  /// By this step.
  public let lossOfStep: Double
}

/// The model after some steps, ready to be confirmed.
struct PlanState: Sendable {
  var model: Model
  var steps: [AppliedStep] = []
  var refitted: LinearMap?
  /// Of the loss, on the samples that chose.
  var standardError = 0.0
  var cost: PlanCost?

  /// Nodes of the original that it lacks or computes in another way.
  var changed: [NodeID] { steps.flatMap(\.candidate.nodes) }
  var loss: Double { steps.last?.lossAfter ?? 0 }
  /// For people; plans of one search differ in it.
  var title: String {
    steps.isEmpty
      ? "exact passes only"
      : steps.map { "\($0.candidate.strategy): \($0.candidate.title)" }.joined(separator: "; ")
  }
}

/// Combines candidates greedily: best predicted gain for its loss first, each measured together with those
/// already taken, since losses do not add up.
struct Combination {
  let test: BudgetTest
  let options: SearchOptions
  let control: SearchControl

  private var allowedLoss: Double { test.share * test.allowedLoss }

  /// - Returns: the states after each accepted step, the base first.
  func combine(_ scored: [ScoredCandidate], base: Model) -> [PlanState] {
    var states = [PlanState(model: base)]
    let ranking = Ranking(scored, base: base)
    var queue = ordered(scored, ranking)
    var refused: [ScoredCandidate] = []
    control.report(.stage("combining", total: nil))
    while !queue.isEmpty, refused.count < options.patience, !control.isInterrupted {
      let next = wider(than: queue[0], among: queue, ranking) ?? queue[0]
      queue.removeAll { $0.candidate.title == next.candidate.title }
      if refused.contains(where: { isTwin($0, of: next) }) { continue }
      let state = states[states.count - 1]
      let accepted = attempt(next.candidate, after: state)
      if let accepted {
        states.append(accepted)
        refused = []
        queue.removeAll { overlaps($0.candidate, accepted.changed) }
      } else {
        refused.append(next)
      }
      let best = "\(states.count - 1) removed"
      control.report(.advanced(label: next.candidate.title, best: best))
    }
    return states
  }

  /// Those that could fit, best first. What alone loses far more than the budget is not tried again.
  private func ordered(_ scored: [ScoredCandidate], _ ranking: Ranking) -> [ScoredCandidate] {
    return scored.filter { candidate in
      guard candidate.loss != nil, candidate.samples > 0,
        ranking.gain(of: candidate.candidate) >= options.smallestGain
      else { return false }
      // Two standard deviations of the difference of two shares, as a rough bound on luck.
      let slack = 2 * (0.05 / Double(candidate.samples)).squareRoot()
      return ranking.loss(of: candidate) <= allowedLoss + slack
    }.sorted { ranking.precedes($0, $1) }
  }

  /// A candidate that takes the same nodes and more, saves more, and is predicted to lose hardly more: the branch
  /// with its sum, say, instead of only what the branch computes.
  private func wider(
    than candidate: ScoredCandidate, among others: [ScoredCandidate], _ ranking: Ranking
  ) -> ScoredCandidate? {
    let nodes = Set(candidate.candidate.nodes)
    return others.filter { other in
      nodes.isStrictSubset(of: other.candidate.nodes)
        && ranking.gain(of: other.candidate) > ranking.gain(of: candidate.candidate)
        && ranking.loss(of: other) <= ranking.loss(of: candidate) + allowedLoss / 20
    }.max { ranking.gain(of: $0.candidate) < ranking.gain(of: $1.candidate) }
  }

  /// Whether two candidates that share nodes had the very same effect when tried alone: bypassing a residual
  /// block before or after its last activation, say.
  private func isTwin(_ a: ScoredCandidate, of b: ScoredCandidate) -> Bool {
    guard let first = a.distortion, let second = b.distortion, overlaps(a.candidate, b.candidate.nodes) else {
      return false
    }
    return abs(first - second) <= 1e-9 * max(first, second)
  }

  private func overlaps(_ candidate: Candidate, _ removed: [NodeID]) -> Bool {
    let gone = Set(removed)
    return candidate.nodes.contains { gone.contains($0) }
  }

  private func attempt(_ candidate: Candidate, after state: PlanState) -> PlanState? {
    var variant = state.model
    guard (try? candidate.apply(to: &variant)) != nil else { return nil }
    return state.adding(candidate, variant, test)
  }
}

extension PlanState {
  /// The state with the candidate, if it stays within the budget on the search split.
  /// - Parameter variant: this state's model, with the candidate applied.
  func adding(_ candidate: Candidate, _ variant: Model, _ test: BudgetTest) -> PlanState? {
    let step = AppliedStep(candidate: candidate, lossAfter: 0, lossOfStep: 0)
    var next = PlanState(model: variant, steps: steps + [step])
    guard let passed = test.passed(variant, changed: next.changed, title: next.title) else { return nil }
    next.steps[steps.count] = AppliedStep(
      candidate: candidate, lossAfter: passed.loss.mean, lossOfStep: passed.loss.mean - loss)
    next.refitted = passed.refitted
    next.standardError = passed.loss.standardError
    return next
  }
}
