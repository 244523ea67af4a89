import Foundation

/// What has to be done before Ctrl-C, SIGTERM or a terminal that goes away ends the process.
public enum EndingSignals {
  public typealias CleanUp = @convention(c) () -> Void

  /// Calls `cleanUp`, which may only do what a signal handler may, before such a signal ends the process. Signals
  /// that whoever started the process had ignored stay so.
  public static func cleanUp(with cleanUp: @escaping CleanUp) {
    cleanUpAtEnd = cleanUp
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let earlier = signal(number, endBySignal)
      if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
  }
}

private nonisolated(unsafe) var cleanUpAtEnd: EndingSignals.CleanUp?

/// Ends the process as the signal would have.
func endBySignal(_ number: Int32) {
  cleanUpAtEnd?()
  signal(number, SIG_DFL)
  raise(number)
}
