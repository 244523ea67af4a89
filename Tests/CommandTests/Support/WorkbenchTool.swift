import Foundation
import Processes
import Testing

/// What a run of the tool left behind.
struct ToolResult {
  let status: Int32
  let wasKilled: Bool
  let output: String
  let error: String

  /// The output as one JSON object.
  func json() throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }
}

/// The built `workbench`, run as users run it.
struct WorkbenchTool: Sendable {
  private let process: Process
  private let streams: Streams

  private struct Streams: Sendable {
    let output: URL
    let error: URL
    let exit: AsyncStream<Void>
  }

  static let executable = ProcessCommand.workbench().executable

  /// Starts it in `folder`. Output goes to files: a pipe that nobody reads would block it.
  static func start(
    _ arguments: [String], executable: String = executable, in folder: String,
    environment: [String: String] = [:]
  ) throws -> WorkbenchTool {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { _, new in new }
      .merging(environment) { _, new in new }
    let stem = FileManager.default.temporaryDirectory.appending(path: "streams-\(UUID().uuidString)").path
    let (exit, continuation) = AsyncStream.makeStream(of: Void.self)
    let streams = Streams(
      output: URL(filePath: stem + ".out"), error: URL(filePath: stem + ".err"), exit: exit)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try newFile(streams.output)
    process.standardError = try newFile(streams.error)
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    return WorkbenchTool(process: process, streams: streams)
  }

  func interrupt() { process.interrupt() }

  var errorSoFar: String { (try? String(contentsOf: streams.error, encoding: .utf8)) ?? "" }

  func finish() async throws -> ToolResult {
    for await _ in streams.exit {}
    defer { for file in [streams.output, streams.error] { try? FileManager.default.removeItem(at: file) } }
    return ToolResult(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      output: try String(contentsOf: streams.output, encoding: .utf8),
      error: try String(contentsOf: streams.error, encoding: .utf8))
  }

  private static func newFile(_ url: URL) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    return try FileHandle(forWritingTo: url)
  }
}

/// Lets a few processes run at a time, however many tests there are.
actor Turns {
  static let shared = Turns(4)
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func take() async {
    guard free == 0 else {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func giveBack() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
