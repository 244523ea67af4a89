import Synchronization

/// Shows on standard error how far long work is: on a terminal a bar that is redrawn at most ten times a second,
/// elsewhere a plain line now and then, nothing when quiet.
///
/// ```swift
/// let progress = ProgressReporter("scoring regions", total: regions.count, on: terminal)
/// for region in regions {
///   progress.advance(label: region.name, best: "0.912")
/// }
/// progress.finish()
/// ```
public struct ProgressReporter: Sendable {
  private enum Manner { case bar, lines, silent }

  private final class Shared: Sendable {
    struct State {
      var progress: ProgressState
      var lastShown: ContinuousClock.Instant?
      var isFinished = false
    }

    let state: Mutex<State>

    init(_ progress: ProgressState) { state = Mutex(State(progress: progress)) }
  }

  private let shared: Shared
  private let terminal: Terminal
  private let manner: Manner
  private let now: @Sendable () -> ContinuousClock.Instant

  /// `total` is `nil` when it is not known; `now` is for tests.
  public init(
    _ title: String, total: Int? = nil, on terminal: Terminal,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    shared = Shared(ProgressState(title: title, total: total, start: now()))
    self.terminal = terminal
    self.now = now
    manner = terminal.isQuiet ? .silent : terminal.error.isTerminal ? .bar : .lines
    update { _ in }
  }

  /// `count` more are done. Label and best result stay as they are where they are `nil`.
  public func advance(by count: Int = 1, label: String? = nil, best: String? = nil) {
    update {
      $0.completed += count
      $0.set(label: label, best: best)
    }
  }

  /// Sets what is done and how much there is, where steps are not counted one by one.
  public func set(completed: Int, total: Int? = nil, label: String? = nil, best: String? = nil) {
    update {
      $0.completed = completed
      $0.total = total ?? $0.total
      $0.set(label: label, best: best)
    }
  }

  /// Takes the bar away, and leaves a line that says what was done and how long it took; none where that was nothing
  /// and took no time.
  public func finish() {
    shared.state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      guard manner != .silent else { return }
      terminal.error.showStatus("")
      guard state.progress.wasWork(at: now()) else { return }
      terminal.error.writeLine(state.progress.finalLine(at: now()))
    }
  }

  private func update(_ change: (inout ProgressState) -> Void) {
    shared.state.withLock { state in
      change(&state.progress)
      let instant = now()
      guard manner != .silent, !state.isFinished, isDue(state.lastShown, at: instant) else { return }
      state.lastShown = instant
      show(state.progress, at: instant)
    }
  }

  /// A bar appears at once; the first line of a log only when the work turns out to be long.
  private func isDue(_ lastShown: ContinuousClock.Instant?, at instant: ContinuousClock.Instant) -> Bool {
    guard let lastShown else { return true }
    return instant - lastShown >= (manner == .bar ? .milliseconds(100) : .seconds(15))
  }

  private func show(_ progress: ProgressState, at instant: ContinuousClock.Instant) {
    if manner == .bar {
      let error = terminal.error
      error.showStatus(progress.bar(at: instant, width: error.width, style: error.style))
    } else if instant - progress.start >= .seconds(15) {
      terminal.error.writeLine(progress.plainLine(at: instant))
    }
  }
}

extension ProgressState {
  fileprivate mutating func set(label: String?, best: String?) {
    self.label = label ?? self.label
    self.best = best ?? self.best
  }
}
