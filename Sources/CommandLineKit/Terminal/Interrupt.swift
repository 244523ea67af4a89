import Foundation
import Synchronization

/// A request to end early that long work asks about now and then, such as between two evaluations, to end
/// cleanly with what it has.
///
/// ```swift
/// let interrupt = Interrupt.onSignals()
/// while let candidate = next(), !interrupt.isRequested { … }
/// ```
public final class Interrupt: Sendable {
  private let flag = Atomic(false)

  public init() {}

  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  public func request() { flag.store(true, ordering: .relaxed) }

  /// The request made by Ctrl-C or by SIGTERM, which no longer end the process at once. A second one does. Call it
  /// only in commands that ask: the others should end at the first.
  public static func onSignals() -> Interrupt {
    // Made here, since a handler may not do what making it does.
    let interrupt = fromSignals
    signal(SIGINT, takeSignal)
    signal(SIGTERM, takeSignal)
    return interrupt
  }

  /// Keeps Ctrl-C from this process: for workers, which share the terminal with the process that ends them.
  public static func leaveSignalsToParent() {
    signal(SIGINT, SIG_IGN)
  }
}

private let fromSignals = Interrupt()

/// Only calls what a signal handler may: an atomic store, `signal`, `write`.
private func takeSignal(_ number: Int32) {
  fromSignals.request()
  signal(SIGINT, endBySignal)
  signal(SIGTERM, endBySignal)
  let savedError = errno
  let text: StaticString = "\nending cleanly; once more to end at once\n"
  _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  errno = savedError
}
