import Evaluation

public struct SearchOptions: Sendable {
  public var budget: AccuracyBudget
  public var objective = Objective.latency
  public var seed: UInt64 = 0
  public var threads: Int
  /// Samples that the runtime is given at once.
  public var batchSize = 64
  /// Samples of the first round of scoring, and further ones of the second.
  public var scoringSamples = [64, 192]
  /// Which part of the candidates comes into the second round.
  public var secondRoundShare = 0.3
  /// What saves a smaller share of the model is scored, but no part of a plan.
  public var smallestGain = 0.005
  /// The search stops after so many candidates in a row were tried and dropped.
  public var patience = 3
  /// The part of the budget that removals may spend where other strategies come after them, and that removals and
  /// narrowing may spend together.
  public var removalShare = 0.5
  public var narrowingShare = 0.85
  public var memory = MemoryBudget()
  /// One trial may take this long before its worker is given up.
  public var trialSecondsLimit = 300.0

  public init(budget: AccuracyBudget, threads: Int) {
    self.budget = budget
    self.threads = threads
  }

  /// The same for everything that is compared: the last digits depend on them.
  var session: SessionOptions { SessionOptions(optimization: .all, threads: threads) }
}

/// What a search tells while it works.
public enum SearchEvent: Sendable {
  case stage(String, total: Int?)
  /// What is being worked on.
  case trying(String)
  /// One step of the stage is done; the best so far in words, nil where it stays.
  case advanced(best: String?)
  /// What people should know before they wait.
  case warning(String)
}
