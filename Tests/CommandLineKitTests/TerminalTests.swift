import Foundation
import Synchronization
import Testing

@testable import CommandLineKit

@Suite struct OutputTests {
  @Test func completeLinesAreWrittenAtOnceAndTheRestWhenFlushed() {
    let output = Output(.memory, isTerminal: false)
    output.write("one\ntw")
    #expect(output.text == "one\n")
    output.write("o\n")
    output.write("end")
    #expect(output.text == "one\ntwo\n")
    output.flush()
    #expect(output.text == "one\ntwo\nend")
  }

  @Test func theStatusStaysBelowWhatIsWritten() {
    let output = Output(.memory, isTerminal: true)
    output.showStatus("50 %")
    output.writeLine("found one")
    output.showStatus("")
    #expect(output.text == "\r\u{1B}[K50 %\r\u{1B}[Kfound one\n50 %\r\u{1B}[K")
  }

  @Test func aReaderThatWentAwayIsNoFailure() {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    let output = Output(.descriptor(ends[1]), isTerminal: false)
    output.writeLine("unheard")
    output.writeLine("unheard too")
    #expect(output.failure == nil)
    close(ends[1])
  }

  #if os(Linux)
    @Test func aFullDiskMakesTheCommandFail() {
      let descriptor = open("/dev/full", O_WRONLY)
      defer { close(descriptor) }
      let terminal = Terminal(
        output: Output(.descriptor(descriptor), isTerminal: false), error: Output(.memory, isTerminal: false))
      terminal.print("a result")
      #expect(terminal.finish(tool: "workbench", with: .done) == .failed)
      #expect(
        terminal.error.text == "workbench: error: cannot write to standard output: No space left on device\n")
    }
  #endif

  @Test func colorsObeyTheEnvironment() {
    #expect(Terminal.wantsColor(isTerminal: true, [:]))
    #expect(Terminal.wantsColor(isTerminal: true, ["NO_COLOR": ""]))
    #expect(!Terminal.wantsColor(isTerminal: true, ["NO_COLOR": "1"]))
    #expect(!Terminal.wantsColor(isTerminal: true, ["TERM": "dumb"]))
    #expect(!Terminal.wantsColor(isTerminal: false, [:]))
  }
}

@Suite struct InterruptTests {
  @Test func isARequestThatStays() {
    let interrupt = Interrupt()
    #expect(!interrupt.isRequested)
    interrupt.request()
    #expect(interrupt.isRequested)
  }
}

@Suite struct ProgressTests {
  /// Time that only passes when told to.
  private final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }

    func pass(_ duration: Duration) { instant.withLock { $0 += duration } }
  }

  @Test func logsNowAndThenWhereThereIsNoTerminal() {
    let terminal = memoryTerminal()
    let clock = ManualClock()
    let progress = ProgressReporter("scoring", total: 40, on: terminal) { clock.now }
    for step in 1...40 {
      clock.pass(.seconds(1))
      progress.advance(label: "node \(step)", best: "0.9\(step / 10)")
    }
    progress.finish()
    progress.finish()
    #expect(
      terminal.error.text == """
        scoring: 15/40, 1.0/s, 0:25 left, best 0.91
        scoring: 30/40, 1.0/s, 0:10 left, best 0.93
        scoring: 40/40, best 0.94 in 40.0 s

        """)
    #expect(terminal.output.text.isEmpty)
  }

  @Test func redrawsABarAtMostTenTimesASecond() {
    let terminal = memoryTerminal(isTerminal: true)
    let clock = ManualClock()
    let progress = ProgressReporter("scoring", total: 1000, on: terminal) { clock.now }
    for _ in 1...1000 {
      clock.pass(.milliseconds(1))
      progress.advance()
    }
    #expect(terminal.error.text.split(separator: "\r").count == 11)
  }

  @Test func whatWasNothingAndTookNoTimeLeavesNoLine() {
    let terminal = memoryTerminal()
    let clock = ManualClock()
    ProgressReporter("nothing", on: terminal) { clock.now }.finish()
    let slow = ProgressReporter("thinking", on: terminal) { clock.now }
    clock.pass(.seconds(1))
    slow.finish()
    let counted = ProgressReporter("counting", total: 0, on: terminal) { clock.now }
    counted.finish()
    #expect(terminal.error.text == "thinking in 1.0 s\ncounting: 0/0 in 0.0 µs\n")
  }

  @Test func saysNothingWhenQuiet() {
    let terminal = memoryTerminal(isTerminal: true, isQuiet: true)
    let progress = ProgressReporter("scoring", total: 1, on: terminal)
    progress.advance()
    progress.finish()
    #expect(terminal.error.text.isEmpty)
  }

  @Test(arguments: [
    (100, "scoring  ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  5/20  0:30 left  30.0/min  best 0.912  stage2/block3/conv"),
    (72, "scoring  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  5/20  0:30 left  30.0/min  best 0.912"),
    (50, "scoring  ━━━╌╌╌╌╌╌╌╌╌╌  5/20  0:30 left  30.0/min"),
    (20, "scoring  5/20  0:3…"),
  ])
  func fitsTheWidth(width: Int, expected: String) {
    let start = ContinuousClock.now
    var state = ProgressState(title: "scoring", total: 20, start: start)
    state.completed = 5
    state.label = "stage2/block3/conv"
    state.best = "0.912"
    let line = state.bar(at: start + .seconds(10), width: width, style: .plain)
    #expect(line == expected)
    #expect(line.displayWidth < width)
  }
}
