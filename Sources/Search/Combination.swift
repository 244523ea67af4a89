import Candidates
import Evaluation
import GraphIR

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

  var removed: [NodeID] { steps.flatMap(\.candidate.nodes) }
  var loss: Double { steps.last?.lossAfter ?? 0 }
}

/// Combines candidates greedily: best predicted gain for its loss first, each measured together with those
/// already taken, since losses do not add up.
struct Combination {
  let judge: Judge
  let options: SearchOptions
  let samples: SampleSet
  let calibration: SampleSet
  let allowedLoss: Double
  let control: SearchControl

  /// - Returns: the states after each accepted step, the base first.
  func combine(_ scored: [ScoredCandidate], base: Model) -> [PlanState] {
    var states = [PlanState(model: base)]
    var queue = ordered(scored, base: base)
    var refused = 0
    control.report(.stage("combining", total: nil))
    while !queue.isEmpty, refused < options.patience, !control.isInterrupted {
      let next = queue.removeFirst()
      let state = states[states.count - 1]
      let accepted = attempt(next.candidate, after: state)
      if let accepted {
        states.append(accepted)
        refused = 0
        queue.removeAll { overlaps($0.candidate, accepted.removed) }
      } else {
        refused += 1
      }
      let best = "\(states.count - 1) removed"
      control.report(.advanced(label: next.candidate.title, best: best))
    }
    return states
  }

  /// Those that could fit, best first. What alone loses far more than the budget is not tried again.
  private func ordered(_ scored: [ScoredCandidate], base: Model) -> [ScoredCandidate] {
    let ranking = Ranking(scored, base: base)
    return scored.filter { candidate in
      guard candidate.loss != nil, candidate.samples > 0 else { return false }
      // Two standard deviations of the difference of two shares, as a rough bound on luck.
      let slack = 2 * (0.05 / Double(candidate.samples)).squareRoot()
      return ranking.loss(of: candidate) <= allowedLoss + slack
    }.sorted { ranking.precedes($0, $1) }
  }

  private func overlaps(_ candidate: Candidate, _ removed: [NodeID]) -> Bool {
    let gone = Set(removed)
    return candidate.nodes.contains { gone.contains($0) }
  }

  /// The state with the candidate, if it stays within the budget on the search split.
  ///
  /// Samples come in growing portions, and a candidate that is clearly beyond the budget is dropped early.
  private func attempt(_ candidate: Candidate, after state: PlanState) -> PlanState? {
    var variant = state.model
    guard (try? candidate.apply(to: &variant)) != nil else { return nil }
    guard let trial = try? judge.trial(
      of: variant, changed: state.removed + candidate.nodes, calibration: calibration)
    else { return nil }
    for portion in portions() {
      if control.isInterrupted { return nil }
      guard (try? trial.run(on: samples.slice(portion))) != nil else { return nil }
      let loss = trial.loss
      if loss.mean - 2 * loss.standardError > allowedLoss { return nil }
      if loss.mean + 3 * loss.standardError < allowedLoss { break }
    }
    let loss = trial.loss
    guard loss.mean + loss.standardError / 2 <= allowedLoss else { return nil }
    let step = AppliedStep(
      candidate: candidate, lossAfter: loss.mean, lossOfStep: loss.mean - state.loss)
    return PlanState(model: variant, steps: state.steps + [step], refitted: trial.fit?.map)
  }

  private func portions() -> [Range<Int>] {
    var portions: [Range<Int>] = []
    var start = 0
    var length = 600
    while start < samples.count {
      portions.append(start..<min(start + length, samples.count))
      start += length
      length *= 2
    }
    return portions
  }
}
