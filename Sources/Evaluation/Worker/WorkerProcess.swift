import Processes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension ProcessCommand {
  /// Starts a worker.
  public static var worker: ProcessCommand { .workbench("worker") }
}

/// A running worker process, and the channel to it. Killed, at the latest, when this object goes.
final class WorkerProcess {
  private let process: ChildProcess
  private let socket: Int32
  private let log: NamelessFile

  /// - Throws: `WorkerError.notStarted`.
  init(_ command: ProcessCommand) throws {
    let ends = try Self.socketPair()
    defer { close(ends.theirs) }
    do {
      log = try NamelessFile()
      process = try ChildProcess(
        command, descriptors: [(ends.theirs, 0), (ends.theirs, 1), (log.descriptor, 2)])
    } catch {
      close(ends.ours)
      throw WorkerError.notStarted("\(error)")
    }
    socket = ends.ours
  }

  deinit { close(socket) }

  var channel: FrameChannel { FrameChannel(input: socket, output: socket) }

  /// Why the process ended, or a kill when it has not ended within `seconds`.
  func end(waiting seconds: Double) -> WorkerError {
    switch process.end(waiting: seconds) {
    case .exited(let status): .exited(status: status, log: log.tail())
    case .killed(let signal): .crashed(signal: signal, log: log.tail())
    }
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

  private static func closeOnExec(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

  private static func setNonBlocking(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
}
