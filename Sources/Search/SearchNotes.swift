/// What people should know of how a result came about.
struct SearchNotes {
  let confirmation: Confirmation
  /// With the held-back samples that the confirmation rests on.
  let split: DataSplit
  /// How many there are.
  let heldBack: Int
  let rule: AcceptanceRule
  let scored: [ScoredCandidate]
  let hasHead: Bool
  let isInterrupted: Bool

  var lines: [String] {
    [interruption, failures, refit, looks, resolution, impossible].compactMap { $0 }
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

  private var refit: String? {
    hasHead ? nil : "the scores come from no linear layer, so that nothing was refitted"
  }

  private var looks: String? {
    let failed = confirmation.looks.count { !$0.isAccepted }
    guard failed > 0 else { return nil }
    let shown = rule.confidence.map { "with \(percent($0)) confidence " } ?? ""
    let outcome =
      confirmation.acceptedLook.map { "the plan's first \($0.steps) steps are what they confirmed" }
      ?? "they confirmed none"
    let looks = confirmation.looks.count
    let times = looks == 1 ? "once" : "\(looks) times"
    return "the held-back samples were looked at \(times), of at most "
      + "\(confirmation.possibleLooks): the whole plan was not \(shown)within the budget there; \(outcome)"
  }

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
