/// How a search tells what it does, and hears that it should end.
public struct SearchControl: Sendable {
  private let onEvent: @Sendable (SearchEvent) -> Void
  private let interrupted: @Sendable () -> Bool

  public init(
    onEvent: @escaping @Sendable (SearchEvent) -> Void = { _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.onEvent = onEvent
    interrupted = isInterrupted
  }

  func report(_ event: SearchEvent) { onEvent(event) }

  var isInterrupted: Bool { interrupted() }
}
