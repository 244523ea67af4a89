/// What people should know of how a result came about.
struct SearchNotes {
  let confirmation: Confirmation
  /// With the held-back samples that the confirmation rests on.
  let split: DataSplit
  /// How many there are.
  let heldBack: Int
  let allowedLoss: Double
  let scored: [ScoredCandidate]
  let hasHead: Bool
  let isInterrupted: Bool

  var lines: [String] {
    [interruption, failures, refit, looks, resolution].compactMap { $0 }
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
    guard confirmation.looks > 1 else { return nil }
    return "the held-back samples were looked at \(confirmation.looks) times: the first plan failed there"
  }

  private var resolution: String? {
    let halfWidth = (confirmation.lossInterval.upperBound - confirmation.lossInterval.lowerBound) / 2
    guard halfWidth > allowedLoss else { return nil }
    let factor = (halfWidth / max(allowedLoss, 1e-9)) * (halfWidth / max(allowedLoss, 1e-9))
    return "\(split.holdout.count) held-back samples cannot resolve this budget; "
      + "about \(Int(min(Double(split.holdout.count) * factor, 1e12).rounded(.up))) could"
  }
}
