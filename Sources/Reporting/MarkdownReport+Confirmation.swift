extension MarkdownReport {
  /// How sure the verdict is, in a sentence.
  var certainty: String {
    let confirmation = report.confirmation
    guard let look = confirmation.looks.last, look.isAccepted, let bound = look.upperBound else {
      return "The exact model keeps results but for rounding: no held-back sample was needed to accept it."
    }
    let level = number((report.budget.confidence ?? 0.95) * 100, digits: 1)
    let asked =
      report.budget.confidence == nil
      ? "No confidence was asked for (`--confidence`), so that the estimate decided."
      : "The plan was accepted because the bound is within the budget."
    let certainty = number((confirmation.certainty ?? 0) * 100, digits: 1)
    let approximate =
      confirmation.method == "bootstrap" ? " Both levels are approximate: these scores have no range." : ""
    return "At \(level) % confidence, over all looks, the true loss is below \(number(bound)); that it is "
      + "within the budget holds at \(certainty) %. " + asked + approximate
  }

  /// A table of what the held-back samples were asked, where it was more than once, or in vain.
  mutating func writeLooks() {
    let looks = report.confirmation.looks
    guard looks.contains(where: { !$0.isAccepted }) else { return }
    table(
      ["look", "steps", "samples", "loss", "upper bound", "share of the error", ""],
      looks.enumerated().map { index, look in
        [
          "\(index + 1) of at most \(report.confirmation.possibleLooks)", "\(look.steps)", "\(look.samples)",
          look.loss.map { number($0) } ?? "failed", look.upperBound.map { number($0) } ?? "",
          number(look.errorShare, digits: 3), look.isAccepted ? "confirmed" : "refused",
        ]
      })
  }
}
