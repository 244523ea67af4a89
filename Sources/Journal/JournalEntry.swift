/// Something that can be measured, and need be only once.
public struct JournalEntry: Sendable {
  public enum Kind: String, Sendable {
    /// A last layer fitted anew on calibration samples.
    case fit
    /// Means and deviations of channels on calibration samples.
    case statistics
    /// How much worse a variant is, sample by sample.
    case loss
    /// What the user's command says of a model.
    case command
    /// Seconds of interleaved runs.
    case latency
    /// A plan on held-back samples.
    case look
  }

  public let kind: Kind
  /// For people: at what stage of the run, and of which change.
  public let stage: String
  public let subject: String
  /// How many samples it takes.
  public let samples: Int
  /// Of everything that the outcome depends on, besides the run's settings.
  public let key: Fingerprint

  /// - Parameter inputs: what the outcome depends on.
  public init(_ kind: Kind, of subject: String, stage: String, samples: Int, inputs: [Fingerprint]) {
    self.kind = kind
    self.stage = stage
    self.subject = subject
    self.samples = samples
    key = Fingerprint(of: [Fingerprint(kind.rawValue)] + inputs)
  }
}

/// An outcome that a journal can keep: numbers in columns of any length.
public protocol Recordable {
  var columns: [[Double]] { get }
  /// Nil for columns that no such outcome has.
  init?(columns: [[Double]])
  /// The mean that people look for in the journal, and its standard error.
  var summary: (value: Double, standardError: Double)? { get }
}

extension Recordable {
  public var summary: (value: Double, standardError: Double)? { nil }
}

/// What came of a measurement, with what it has cost.
public struct Measured<Outcome> {
  public let outcome: Outcome
  /// In sample evaluations of the whole model.
  public let cost: Double
  /// It comes from the journal: nothing was run.
  public let isReplayed: Bool

  public init(_ outcome: Outcome, cost: Double, isReplayed: Bool = false) {
    self.outcome = outcome
    self.cost = cost
    self.isReplayed = isReplayed
  }
}

/// A measurement that failed when it was first tried, and is not tried again.
public struct RecordedFailure: Error, CustomStringConvertible {
  public let description: String
}
