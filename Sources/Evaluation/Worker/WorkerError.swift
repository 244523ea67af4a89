/// Why a worker gave no answer, or what it refused.
public enum WorkerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The process was ended by a signal. `log` is the end of what it wrote to standard error.
  case crashed(signal: Int32, log: String)
  /// The process ended by itself.
  case exited(status: Int32, log: String)
  case timedOut(seconds: Double)
  /// `EvaluationClient.cancel()` was called.
  case cancelled
  /// What came was no message.
  case garbage
  /// The process could not be started.
  case notStarted(String)
  /// The engine could not be loaded.
  case noEngine(String)
  /// The engine, or the data, refused. The worker is fine.
  case runtime(String)

  /// Whether the worker was lost: a new one takes its place at the next call.
  public var isLoss: Bool {
    switch self {
    case .runtime, .notStarted, .noEngine: false
    default: true
    }
  }

  public var description: String {
    switch self {
    case .crashed(let signal, let log): "the worker crashed by signal \(signal)\(Self.shown(log))"
    case .exited(let status, let log): "the worker ended with status \(status)\(Self.shown(log))"
    case .timedOut(let seconds): "the worker gave no answer in \(seconds) s"
    case .cancelled: "cancelled"
    case .garbage: "the worker's answer is no message"
    case .notStarted(let reason): "cannot start a worker: \(reason)"
    case .noEngine(let message), .runtime(let message): message
    }
  }

  private static func shown(_ log: String) -> String { log.isEmpty ? "" : ": \(log)" }
}
