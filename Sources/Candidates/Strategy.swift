import GraphIR

/// A way of making a model smaller or faster that may change its results: a plug-in of the search. It is a file in
/// `Passes/Strategies/`, and conforms to `CandidateGenerator` or to `ScheduleGenerator`.
public protocol Strategy: Sendable {
  /// How `--strategies` calls it.
  static var name: String { get }
  /// What it does, in one line.
  static var summary: String { get }
  /// When its turn comes.
  static var stage: StrategyStage { get }
  /// Whether files become smaller and nothing else does, because runtimes turn the weights back when they load a
  /// model. Then it is left out where bytes are not what counts, unless it is named.
  static var isForStorage: Bool { get }
  /// Whether a search tries it without being asked for it by name.
  static var isDefault: Bool { get }
  /// Declarations that the examples share.
  static var given: String { get }
  /// At least one that it changes, and one that it leaves alone.
  static var examples: [StrategyExample] { get }
  init()
}

extension Strategy {
  public static var isForStorage: Bool { false }
  public static var isDefault: Bool { true }
  public static var given: String { "" }
}

/// The order in which strategies change a model: what goes need not be narrowed, and what is narrowed by fitting
/// weights anew has to be in floating point.
public enum StrategyStage: Int, Comparable, Sendable, CaseIterable {
  /// Layers and regions go.
  case removal
  /// Layers stay and get smaller.
  case narrowing
  /// Numbers get fewer bits.
  case precision

  public static func < (a: StrategyStage, b: StrategyStage) -> Bool { a.rawValue < b.rawValue }
}

/// Proposes changes that are independent of each other as far as it can tell. The search tries each alone, and
/// combines the best.
public protocol CandidateGenerator: Strategy {
  /// In a deterministic order.
  ///
  /// - Parameter activations: of `model`, on calibration data without labels.
  func candidates(for model: Model, activations: any ActivationSource) throws -> [Candidate]
}

/// Proposes one order of changes, from harmless to harmful as far as calibration data can tell. The search finds
/// how far to go.
public protocol ScheduleGenerator: Strategy {
  /// - Parameters:
  ///   - keeping: nodes that have to stay as they are.
  ///   - activations: of `model`, on calibration data without labels.
  /// - Returns: nil where there is nothing to do.
  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
}
