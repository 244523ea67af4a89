import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A running process, in a process group of its own: Ctrl-C in the terminal is for its parent only. Killed, at the
/// latest, when this object goes, with whatever it has started.
public final class ChildProcess {
  public enum End: Hashable, Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
  }

  private let identifier: pid_t
  /// Nil as long as it is not known that it has ended.
  private var end: End?

  /// - Parameter descriptors: what its descriptors are in this process; the others are closed.
  /// - Throws: `ProcessError`.
  public init(_ command: ProcessCommand, descriptors: [(own: Int32, child: Int32)]) throws {
    guard access(command.executable, X_OK) == 0 else {
      throw ProcessError(errnoAt: command.executable)
    }
    identifier = try Self.spawn(command, descriptors)
  }

  deinit {
    if end == nil { _ = end(waiting: 0) }
  }

  /// How the process has ended; nil where it runs.
  public func endSoFar() -> End? {
    guard end == nil else { return end }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) != 0 else { return nil }
    let signal = status & 0x7F
    end = signal != 0 ? .killed(signal: signal) : .exited(status: (status >> 8) & 0xFF)
    return end
  }

  /// How the process has ended, by a kill when it has not within `seconds`.
  public func end(waiting seconds: Double) -> End {
    if let end = end(within: seconds) { return end }
    kill(-identifier, SIGKILL)
    kill(identifier, SIGKILL)
    while true {
      if let end = endSoFar() { return end }
      usleep(1000)
    }
  }

  /// How the process has ended; nil where it still runs after `seconds`, or when `isCancelled`, which is asked now and
  /// then, says so.
  public func end(within seconds: Double, isCancelled: () -> Bool = { false }) -> End? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var pause: UInt32 = 500
    while true {
      if let end = endSoFar() { return end }
      guard !isCancelled(), ContinuousClock.now < deadline else { return nil }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }
}

extension ChildProcess {
  private static func spawn(_ command: ProcessCommand, _ descriptors: [(own: Int32, child: Int32)]) throws
    -> pid_t
  {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (own, child) in descriptors { posix_spawn_file_actions_adddup2(&actions, own, child) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var identifier: pid_t = 0
    let texts = [command.executable] + command.arguments
    let status = withCStrings(texts) { arguments in
      withCStrings(environment(of: command)) { environment in
        posix_spawn(&identifier, command.executable, &actions, &attributes, arguments, environment)
      }
    }
    guard status == 0 else {
      throw ProcessError("\(command.executable): \(String(cString: strerror(status)))")
    }
    return identifier
  }

  private static func environment(of command: ProcessCommand) -> [String] {
    let environment = ProcessInfo.processInfo.environment.merging(command.environment) { _, new in new }
    return environment.map { "\($0.key)=\($0.value)" }.sorted()
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}
