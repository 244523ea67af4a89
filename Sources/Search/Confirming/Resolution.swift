import Evaluation
import Foundation
import Kernels

/// How many held-back samples it takes to show that a plan is within the budget.
struct Resolution: Sendable {
  let rule: AcceptanceRule
  /// Of the error, for the first look.
  let share: Double
  /// With which probability a plan that is within the budget shall be accepted.
  static let power = 0.8

  private var error: Double { rule.error * share }

  /// For a plan of this true loss, whose samples' losses spread by `standardDeviation`; nil where it loses too much.
  ///
  /// From the normal approximation of the mean, n = ((z₁₋ₑ + z_power) σ / (budget − loss))²; for bounds by betting,
  /// √(2 ln 1/e) takes the place of z₁₋ₑ, since a stake grows by exp((budget − loss)² / 2σ²) with each sample at
  /// best.
  func samples(
    loss: Double, standardDeviation: Double, method: PairedComparison.Method
  ) -> Int? {
    let room = rule.allowedLoss - max(loss, 0)
    guard room > 0 else { return nil }
    let quantile = method == .betting ? (-2 * log(error)).squareRoot() : normalQuantile(1 - error)
    let root = (quantile + normalQuantile(Self.power)) * standardDeviation / room
    let needed = max(root * root, method == .bootstrap || method == .jackknife ? 2 : fewest)
    return needed < 1e12 ? Int(needed.rounded(.up)) : nil
  }

  /// With fewer, not even a plan that changes no sample is accepted: all samples of a plan that loses the budget are
  /// right with a probability of (1 − budget)ⁿ.
  var fewest: Double {
    guard rule.allowedLoss < 1 else { return 1 }
    return rule.allowedLoss > 0 ? (log(error) / log1p(-rule.allowedLoss)).rounded(.up) : .infinity
  }

  /// What to expect of this many samples before anything is known; nil where they suffice, and for metrics whose
  /// scores have no range. Plans at a budget change about three times as many answers, for better or worse.
  func warning(heldBack count: Int, metric: Metric) -> String? {
    guard rule.allowedLoss > 0, metric.scoreRange != nil else { return nil }
    let changed = min(3 * rule.allowedLoss, 1)
    let (level, loss) = (percent(1 - rule.error), percent(rule.allowedLoss))
    let spread = changed.squareRoot()
    guard let needed = samples(loss: 0, standardDeviation: spread, method: .exact), needed > count else {
      return nil
    }
    if Double(count) < fewest {
      return "\(count) held-back samples cannot show at \(level) confidence that a loss is below \(loss), "
        + "whatever the plan: \(Int(fewest)) could at best, about \(needed) where \(percent(changed)) of the "
        + "answers change"
    }
    return "\(count) held-back samples can hardly show at \(level) confidence that a loss is below \(loss): "
      + "about \(needed) could, where \(percent(changed)) of the answers change and none is lost on the whole"
  }

  /// What a look says of how many samples would have decided; nil where these did, or none would.
  func note(_ look: ConfirmationLook) -> String? {
    guard let measured = look.measured, rule.allowedLoss > 0, measured.certainty < 1 - rule.error,
      let needed = samples(
        loss: measured.loss, standardDeviation: measured.standardDeviation, method: measured.method)
    else { return nil }
    let more = max(needed, look.samples + 1)
    let times = more > 1_000_000 ? "more than a million" : "about \(more)"
    return
      "\(look.samples) held-back samples cannot resolve this budget at \(percent(1 - rule.error)) confidence; "
      + "\(times) could, for a plan that loses as much"
  }
}

/// Such as `0.25 %`.
func percent(_ share: Double) -> String {
  let digits = String(format: "%.3f", share * 100)
  let trimmed = digits.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed()
  return String(trimmed) + " %"
}
