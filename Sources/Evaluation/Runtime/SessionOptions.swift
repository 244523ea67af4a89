/// How a session is made. Results compare only between sessions with the same options: the last digits
/// depend on fusion and prepacking.
public struct SessionOptions: Codable, Hashable, Sendable {
  /// How much the engine itself rewrites the model.
  public enum Optimization: String, Codable, Hashable, Sendable, CaseIterable {
    case disabled, basic, extended, all
  }

  public var optimization: Optimization
  /// Threads inside an operator, each on a processor of its own where the system can bind them; 0 leaves the number to
  /// the engine.
  public var threads: Int
  /// Whether weights are laid out anew at creation: slower creation, faster runs.
  public var usesPrepacking: Bool
  /// Whether idle threads burn cycles for lower latency; harmful when several sessions are alive.
  public var allowsSpinning: Bool
  /// Makes the session write a trace to this path followed by the time.
  public var profilePrefix: String?
  /// Makes creation write the model that the engine's own optimizer ends with.
  public var optimizedModelPath: String?

  public init(
    optimization: Optimization = .all, threads: Int = 1, usesPrepacking: Bool = true,
    allowsSpinning: Bool = false, profilePrefix: String? = nil, optimizedModelPath: String? = nil
  ) {
    self.optimization = optimization
    self.threads = threads
    self.usesPrepacking = usesPrepacking
    self.allowsSpinning = allowsSpinning
    self.profilePrefix = profilePrefix
    self.optimizedModelPath = optimizedModelPath
  }

  /// What an equivalence check needs: the model as it is written, run once or a few times.
  public static let faithful = SessionOptions(optimization: .disabled, usesPrepacking: false)
}
