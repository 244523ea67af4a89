import CommandLineKit
import Search
import Synchronization

/// A search's events as progress on standard error: one bar for each stage.
final class SearchProgress: Sendable {
  private let terminal: Terminal
  private let reporter = Mutex<ProgressReporter?>(nil)

  init(on terminal: Terminal) {
    self.terminal = terminal
  }

  func show(_ event: SearchEvent) {
    reporter.withLock { reporter in
      switch event {
      case .stage(let title, let total):
        reporter?.finish()
        reporter = ProgressReporter(title, total: total, on: terminal)
      case .trying(let label):
        reporter?.advance(by: 0, label: label)
      case .advanced(let best):
        reporter?.advance(best: best)
      case .warning(let text):
        reporter?.finish()
        reporter = nil
        terminal.note(text)
      }
    }
  }

  func finish() {
    reporter.withLock { reporter in
      reporter?.finish()
      reporter = nil
    }
  }
}
