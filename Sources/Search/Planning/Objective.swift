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
}
