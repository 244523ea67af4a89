/// What a search makes less, within the budget.
public enum Objective: String, Sendable, CaseIterable, Codable {
  /// Time of a run, as it is measured here.
  case latency
  /// Bytes of weights.
  case bytes
  /// Multiply-accumulate operations of one sample.
  case macs
  /// Weights, and the most bytes of values alive at one time for one sample.
  case memory

  /// What is less, for people.
  public var subject: String {
    switch self {
    case .latency: "latency"
    case .bytes: "weights"
    case .macs: "multiply-accumulates"
    case .memory: "memory"
    }
  }

  /// What a model with less of it is.
  public var gain: String {
    switch self {
    case .latency: "faster"
    case .bytes: "smaller"
    case .macs: "cheaper"
    case .memory: "more frugal with memory"
    }
  }
}
