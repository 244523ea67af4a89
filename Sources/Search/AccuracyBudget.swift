import Evaluation

/// How much worse the metric may become.
public struct AccuracyBudget: Hashable, Sendable {
  /// A fraction: 0.01 for `1%`.
  public let limit: Double

  public init(limit: Double) {
    self.limit = limit
  }

  /// Reads `1%`, `0.5 %`, or `0.01`; nil for anything else and for what is not in 0…1.
  public init?(parsing text: String) {
    let trimmed = text.filter { !$0.isWhitespace }
    let isPercent = trimmed.hasSuffix("%")
    guard let number = Double(isPercent ? String(trimmed.dropLast()) : trimmed), number.isFinite else {
      return nil
    }
    let limit = isPercent ? number / 100 : number
    guard (0...1).contains(limit) else { return nil }
    self.init(limit: limit)
  }

  /// In the metric's own unit: the limit itself for metrics in 0…1, a share of the baseline for others.
  public func allowedLoss(of metric: Metric, from baseline: Double) -> Double {
    metric.scale == .absolute ? limit : limit * abs(baseline)
  }
}
