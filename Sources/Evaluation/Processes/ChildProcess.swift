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
final class ChildProcess {
  enum End: Hashable, Sendable {
    case exited(status: Int32)
    case killed(signal: Int32)
  }

  private let identifier: pid_t
  /// Nil as long as it is not known that it has ended.
  private var end: End?

  /// - Parameter descriptors: what its descriptors are in this process; the others are closed.
  /// - Throws: `WorkerError.notStarted`.
  init(_ command: WorkerCommand, descriptors: [(own: Int32, child: Int32)]) throws {
    guard access(command.executable, X_OK) == 0 else {
      throw WorkerError.notStarted("\(command.executable): \(String(cString: strerror(errno)))")
    }
    identifier = try Self.spawn(command, descriptors)
  }

  deinit {
    if end == nil { _ = end(waiting: 0) }
  }

  /// How the process has ended; nil where it runs.
  func endSoFar() -> End? {
    guard end == nil else { return end }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) != 0 else { return nil }
    let signal = status & 0x7F
    end = signal != 0 ? .killed(signal: signal) : .exited(status: (status >> 8) & 0xFF)
    return end
  }

  /// How the process has ended, by a kill when it has not within `seconds`.
  func end(waiting seconds: Double) -> End {
    var waited = 0.0
    while true {
      if let end = endSoFar() { return end }
      if waited >= seconds { break }
      usleep(10_000)
      waited += 0.01
    }
    kill(-identifier, SIGKILL)
    kill(identifier, SIGKILL)
    while true {
      if let end = endSoFar() { return end }
      usleep(1000)
    }
  }
}

extension ChildProcess {
  private static func spawn(_ command: WorkerCommand, _ descriptors: [(own: Int32, child: Int32)]) throws
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
    guard status == 0 else { throw WorkerError.notStarted(String(cString: strerror(status))) }
    return identifier
  }

  private static func environment(of command: WorkerCommand) -> [String] {
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
