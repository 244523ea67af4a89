import Foundation
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a worker process is started.
public struct WorkerCommand: Sendable {
  public var executable: String
  public var arguments: [String]
  /// Added to the environment of this process.
  public var environment: [String: String]

  public init(executable: String, arguments: [String] = ["worker"], environment: [String: String] = [:]) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }

  /// This program itself, when it is `workbench`; else, as in tests, the `workbench` beside it.
  public static var standard: WorkerCommand {
    let own = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? URL(filePath: CommandLine.arguments[0])
    if own.lastPathComponent == "workbench" { return WorkerCommand(executable: own.path) }
    let environment = ProcessInfo.processInfo.environment["WORKBENCH_EXECUTABLE"]
    return WorkerCommand(
      executable: environment ?? own.deletingLastPathComponent().appending(path: "workbench").path)
  }
}

/// A running worker process, and the channel to it. Killed, at the latest, when this object goes.
final class WorkerProcess {
  private let identifier: pid_t
  private let socket: Int32
  private let log: Int32
  private var isReaped = false

  init(_ command: WorkerCommand) throws {
    guard access(command.executable, X_OK) == 0 else {
      throw WorkerError.notStarted("\(command.executable): \(String(cString: strerror(errno)))")
    }
    let ends = try Self.socketPair()
    let log = try Self.temporaryFile()
    do {
      identifier = try Self.spawn(command, socket: ends.theirs, log: log)
    } catch {
      [ends.ours, ends.theirs, log].forEach { close($0) }
      throw error
    }
    close(ends.theirs)
    socket = ends.ours
    self.log = log
  }

  deinit {
    if !isReaped { _ = end(waiting: 0) }
    close(socket)
    close(log)
  }

  var channel: FrameChannel { FrameChannel(input: socket, output: socket) }

  /// Why the process ended, or a kill when it has not ended within `seconds`.
  func end(waiting seconds: Double) -> WorkerError {
    var status: Int32 = 0
    var waited = 0.0
    while waitpid(identifier, &status, WNOHANG) == 0 {
      if waited >= seconds {
        kill(identifier, SIGKILL)
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        break
      }
      usleep(10_000)
      waited += 0.01
    }
    isReaped = true
    let signal = status & 0x7F
    return signal != 0
      ? .crashed(signal: signal, log: logEnd) : .exited(status: (status >> 8) & 0xFF, log: logEnd)
  }

  /// The last lines of what the process wrote to standard error.
  private var logEnd: String {
    let size = lseek(log, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: 2048)
    let count = pread(log, &bytes, bytes.count, max(0, size - 2048))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension WorkerProcess {
  private static func spawn(_ command: WorkerCommand, socket: Int32, log: Int32) throws -> pid_t {
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
    for (from, to) in [(socket, 0), (socket, 1), (log, 2)] as [(Int32, Int32)] {
      posix_spawn_file_actions_adddup2(&actions, from, to)
    }
    // A process group of its own: Ctrl-C in the terminal is for the parent only.
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
    var environment = ProcessInfo.processInfo.environment
    // Printing a backtrace takes seconds, and nobody reads it.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment.merge(command.environment) { _, new in new }
    return environment.map { "\($0.key)=\($0.value)" }.sorted()
  }

  private static func socketPair() throws -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
      let kind = SOCK_STREAM
    #else
      // At once, since another thread may start a worker, which must not inherit these.
      let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw WorkerError.notStarted(String(cString: strerror(errno)))
    }
    for end in ends { closeOnExec(end) }
    setNonBlocking(ends[0])
    #if canImport(Darwin)
      var isOn: Int32 = 1
      setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    #endif
    return (ends[0], ends[1])
  }

  /// A file without a name.
  private static func temporaryFile() throws -> Int32 {
    let name = "workbench-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let path = FilePath.joining(NSTemporaryDirectory(), name)
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw WorkerError.notStarted("\(path): \(String(cString: strerror(errno)))")
    }
    unlink(path)
    return descriptor
  }

  private static func closeOnExec(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

  private static func setNonBlocking(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}
