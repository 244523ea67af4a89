import Evaluation
import Foundation

/// What people should know of how a result came about.
struct SearchNotes {
  let confirmation: Confirmation
  /// With the held-back samples that the confirmation rests on.
  let split: DataSplit
  /// How many there are.
  let heldBack: Int
  let rule: AcceptanceRule
  let scored: [ScoredCandidate]
  /// Why strategies were left out.
  let planFailures: [String]
  let points: [PlanPoint]
  let objective: Objective
  /// Of a plan that was confirmed, but had no gain in the end.
  let slower: LatencyComparison?
  let hasHead: Bool
  /// Plans that the metric command could not judge, and why the first.
  let commandFailures: (count: Int, first: String)
  let isInterrupted: Bool
  let journalFailure: (any Error)?

  var lines: [String] {
    [interruption, failures, unjudged].compactMap { $0 } + planFailures
      + [refit, noGain, looks, lastMeasurement, resolution, impossible, journal].compactMap { $0 }
  }

  private var interruption: String? {
    guard isInterrupted else { return nil }
    let share =
      split.holdout.count < heldBack
      ? ", confirmed on \(split.holdout.count) of \(heldBack) held-back samples" : ""
    return "the search was interrupted; this is the best plan until then\(share)"
  }

  private var failures: String? {
    let failed = scored.filter { $0.failure != nil }
    guard let first = failed.first else { return nil }
    return "\(failed.count) of \(scored.count) candidates failed when they were tried; "
      + "\(first.candidate.title): \(first.failure ?? "")"
  }

  private var unjudged: String? {
    guard commandFailures.count > 0 else { return nil }
    let plans = commandFailures.count == 1 ? "one plan" : "\(commandFailures.count) plans"
    return
      "\(plans) could not be judged by the metric command, and count as refused; \(commandFailures.first)"
  }

  private var refit: String? {
    hasHead ? nil : "the scores come from no linear layer, so that nothing was refitted"
  }

  /// Where plans hold, but none of them is worth it.
  private var noGain: String? {
    let held = points.filter { $0.isWithinBudget && !$0.steps.isEmpty }
    guard confirmation.looks.isEmpty, !isInterrupted, let best = held.compactMap(\.share).min() else {
      return nil
    }
    let plans = held.count == 1 ? "one plan holds" : "\(held.count) plans hold"
    return
      "\(plans) within the budget, but none is \(objective.gain): the best has × \(rounded(best)) of the "
      + "exact model's \(objective.subject)"
  }

  private var lastMeasurement: String? {
    slower.map {
      "the plan that held-back samples confirmed was not faster in the last measurement (× \(rounded($0.ratio))), so "
        + "that the result is the exact model"
    }
  }

  private var journal: String? {
    journalFailure.map { "the journal is not complete, so that --resume would begin earlier: \($0)" }
  }

  private func rounded(_ value: Double) -> String { String(format: "%.2f", value) }

  private var looks: String? {
    let failed = confirmation.looks.count { !$0.isAccepted }
    guard failed > 0 else { return nil }
    let shown = rule.confidence.map { "with \(percent($0)) confidence " } ?? ""
    let outcome =
      confirmation.acceptedLook.map { "a plan of \(steps($0.steps)) that loses less is what they confirmed" }
      ?? "they confirmed none"
    let looks = confirmation.looks.count
    let times = looks == 1 ? "once" : "\(looks) times"
    return "the held-back samples were looked at \(times), of at most "
      + "\(confirmation.possibleLooks): the best plan was not \(shown)within the budget there; \(outcome)"
  }

  private func steps(_ count: Int) -> String { count == 1 ? "one step" : "\(count) steps" }

  private var resolution: String? {
    guard let look = confirmation.acceptedLook ?? confirmation.looks.first else { return nil }
    return Resolution(rule: rule, share: look.errorShare).note(look)
  }

  private var impossible: String? {
    guard rule.allowedLoss == 0, rule.confidence != nil else { return nil }
    return "no number of samples can show that nothing is lost: with a confidence, a budget of 0 allows "
      + "exact passes only"
  }
}
