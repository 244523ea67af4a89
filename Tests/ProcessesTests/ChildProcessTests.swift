import Processes
import Testing

@Suite struct ChildProcessTests {
  /// The shell, reading one file and writing two others.
  private func shell(_ line: String, reading text: String = "") throws -> (
    process: ChildProcess, output: NamelessFile, log: NamelessFile
  ) {
    let (input, output, log) = try (NamelessFile(text), NamelessFile(), NamelessFile())
    let command = ProcessCommand(
      executable: "/bin/sh", arguments: ["-c", line], environment: ["GIVEN": "variable"])
    let process = try ChildProcess(
      command, descriptors: [(input.descriptor, 0), (output.descriptor, 1), (log.descriptor, 2)])
    return (process, output, log)
  }

  /// More than a pipe holds, in both directions.
  @Test func filesTakeAllThatIsReadAndWritten() throws {
    let text = String(repeating: "0123456789abcdef", count: 64 << 10)
    let (process, output, log) = try shell("cat; echo \" $GIVEN \" >&2", reading: text)
    #expect(process.end(waiting: 60) == .exited(status: 0))
    #expect(try output.contents() == Array(text.utf8))
    #expect(log.tail() == "variable")
    #expect(output.tail(6) == "abcdef")
  }

  @Test func theEndIsToldAsItWas() throws {
    #expect(try shell("exit 3").process.end(waiting: 60) == .exited(status: 3))
    #expect(try shell("kill -SEGV $$").process.end(waiting: 60) == .killed(signal: 11))
    let (process, output, _) = try shell("true")
    #expect(process.end(within: 60) == .exited(status: 0))
    #expect(process.endSoFar() == .exited(status: 0) && process.end(waiting: 0) == .exited(status: 0))
    #expect(try output.contents().isEmpty && output.tail().isEmpty)
  }

  /// With what it has started, and whatever signals it ignores.
  @Test func whatHangsIsKilled() throws {
    let (process, _, _) = try shell("trap '' TERM INT; sleep 600")
    #expect(process.end(within: 0.1) == nil)
    #expect(process.end(waiting: 0) == .killed(signal: 9))
  }

  @Test func waitingCanBeCancelled() throws {
    let (process, _, _) = try shell("sleep 600")
    var questions = 0
    let end = process.end(within: 600) {
      questions += 1
      return questions > 2
    }
    #expect(end == nil && questions == 3)
  }

  @Test(arguments: ["/no/such/program", "/etc/passwd", "/"])
  func whatIsNoProgramIsNamed(executable: String) throws {
    let error = #expect(throws: ProcessError.self) {
      try ChildProcess(ProcessCommand(executable: executable), descriptors: [])
    }
    #expect(error?.description.hasPrefix("\(executable): ") == true)
  }

  @Test func theToolIsStartedWithoutBacktraces() {
    let command = ProcessCommand.workbench("worker", "--flag")
    #expect(command.arguments == ["worker", "--flag"])
    #expect(command.environment == ["SWIFT_BACKTRACE": "enable=no"])
    #expect(command.executable.hasSuffix("/workbench"))
  }
}
