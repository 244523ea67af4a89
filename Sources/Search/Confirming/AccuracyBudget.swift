import Evaluation

/// How much worse the metric may become, and how sure that must be.
public struct AccuracyBudget: Hashable, Sendable {
  /// A fraction: 0.01 for `1%`.
  public let limit: Double
  /// With which probability a plan that loses more must be refused; nil where the estimate decides.
  public let confidence: Double?

  public init(limit: Double, confidence: Double? = nil) {
    self.limit = limit
    self.confidence = confidence
  }

  /// Reads `1%`, `0.5 %`, or `0.01`; nil for anything else and for what is not in 0…1.
  public init?(parsing text: String, confidence: Double? = nil) {
    guard let limit = Self.share(text), (0...1).contains(limit) else { return nil }
    self.init(limit: limit, confidence: confidence)
  }

  /// Reads `95%` or `0.95`; nil for anything else and for what is not from a half to below one.
  public static func confidence(parsing text: String) -> Double? {
    share(text).flatMap { $0 >= 0.5 && $0 < 1 ? $0 : nil }
  }

  private static func share(_ text: String) -> Double? {
    let trimmed = text.filter { !$0.isWhitespace }
    let isPercent = trimmed.hasSuffix("%")
    guard let number = Double(isPercent ? String(trimmed.dropLast()) : trimmed), number.isFinite else {
      return nil
    }
    return isPercent ? number / 100 : number
  }

  /// In the metric's own unit: the limit itself for metrics in 0…1, a share of the baseline for others.
  public func allowedLoss(of metric: Metric, from baseline: Double) -> Double {
    metric.scale == .absolute ? limit : limit * abs(baseline)
  }
}
