import Evaluation
import Kernels

/// When held-back samples confirm a plan.
///
/// Without a confidence, the estimate decides: the mean loss must be within the budget. With one, a plan that loses
/// more than the budget must be refused with that probability, over all looks: each look tests the hypothesis that
/// its plan loses the budget or more, and spends its share of the error (`Ladder`).
///
/// A budget of 0 allows no sample to become worse; no number of samples can show that with a confidence.
struct AcceptanceRule: Sendable {
  let allowedLoss: Double
  let confidence: Double?

  /// The error where none is asked for, for what is only told.
  static let usualError = 0.05

  var error: Double { confidence.map { 1 - $0 } ?? Self.usualError }

  /// By how many standard errors a plan stays within the budget on the samples that choose it. With a confidence, so
  /// many that as many other samples accept it at the first look with the power that is promised.
  var planningMargin: Double {
    guard confidence != nil else { return 1 }
    return normalQuantile(1 - error * Ladder.shares(2)[0]) + normalQuantile(Resolution.power)
  }

  struct Verdict: Hashable, Sendable {
    let isAccepted: Bool
    /// The p-value of the hypothesis that the plan loses the budget or more.
    let probability: Double
    /// The highest confidence at which the plan would have been accepted at this look.
    let certainty: Double
    /// Of the loss, at the error that this look may spend.
    let upperBound: Double
  }

  /// - Parameter share: of the error, for this look.
  func accepts(_ comparison: PairedComparison, share: Double) -> Bool {
    guard allowedLoss > 0 ? comparison.loss <= allowedLoss : comparison.worse == 0 else { return false }
    return confidence == nil || comparison.probability(ofLossAtLeast: allowedLoss) <= share * error
  }

  func verdict(_ comparison: PairedComparison, share: Double) -> Verdict {
    let probability = comparison.probability(ofLossAtLeast: allowedLoss)
    let bound = comparison.upperBound(error: share * error)
    return Verdict(
      isAccepted: accepts(comparison, share: share), probability: probability,
      certainty: max(0, 1 - probability / share),
      // Test and bound are found by different searches, so that they could differ in the last digit.
      upperBound: probability <= share * error ? min(bound, allowedLoss) : max(bound, allowedLoss.nextUp))
  }
}
