#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A planned failure of a worker, for tests: `crash-on-session:2` in `WORKBENCH_WORKER_FAULT` crashes at the
/// second session of each process. With a path after another colon the fault occurs only once in all: it makes
/// the file, and where that exists nothing happens.
struct WorkerFault {
  enum Action: String { case crash, hang, exit, garbage }

  enum Event: String { case start, dataset, session, evaluate, run, latency }

  private var action: Action
  private var event: Event
  private var countdown: Int
  private let marker: String?

  static let variable = "WORKBENCH_WORKER_FAULT"

  init?(_ text: String?) {
    guard let parts = text?.split(separator: ":", maxSplits: 2), let what = parts.first else { return nil }
    let words = what.split(separator: "-")
    guard words.count == 3, words[1] == "on", let action = Action(rawValue: String(words[0])),
      let event = Event(rawValue: String(words[2]))
    else { return nil }
    self.action = action
    self.event = event
    countdown = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
    marker = parts.count > 2 ? String(parts[2]) : nil
  }

  /// Fails when the time has come.
  mutating func occur(at event: Event, answeringOn output: Int32) {
    guard event == self.event else { return }
    countdown -= 1
    guard countdown == 0, isFirst else { return }
    switch action {
    case .crash:
      signal(SIGSEGV, SIG_DFL)
      raise(SIGSEGV)
    case .hang: while true { sleep(1000) }
    case .exit: exit(3)
    case .garbage:
      let text = "this is no frame, but longer than a prefix"
      _ = text.withCString { write(output, $0, text.utf8.count) }
    }
  }
}

extension WorkerFault {
  private var isFirst: Bool {
    guard let marker else { return true }
    let descriptor = open(marker, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }
}

extension WorkerRequest {
  var event: WorkerFault.Event? {
    switch self {
    case .start: .start
    case .openDataset, .sendDataset: .dataset
    case .createSession: .session
    case .evaluate: .evaluate
    case .run, .runRows: .run
    case .measureLatency: .latency
    case .closeSessions, .endProfiling: nil
    }
  }
}
