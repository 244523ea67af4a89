import EvaluationTestKit
import Foundation
import GraphIR
import ONNXFormat
import Testing

/// A folder of its own for a test, in which the tool runs; it goes with the last reference.
final class Workspace: Sendable {
  let folder: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "commands-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  // MARK: Running

  func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> ToolResult {
    try await run(arguments, environment: environment)
  }

  func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> ToolResult {
    try await run(arguments, executable: WorkbenchTool.executable, environment: environment)
  }

  /// `search` with one thread, so that every digit is the same in every run, and where no clock decides.
  func search(_ arguments: String..., environment: [String: String] = [:]) async throws -> ToolResult {
    let objective = arguments.contains("--objective") ? [] : ["--objective", "macs"]
    return try await run(["search", "--threads", "1"] + objective + arguments, environment: environment)
  }

  /// A line for the shell, in which `$W` is the tool.
  func shell(_ line: String) async throws -> ToolResult {
    try await run(
      ["-c", line], executable: "/bin/sh", environment: ["W": WorkbenchTool.executable])
  }

  func start(_ arguments: String..., environment: [String: String] = [:]) throws -> WorkbenchTool {
    try WorkbenchTool.start(arguments, in: folder, environment: environment)
  }

  private func run(
    _ arguments: [String], executable: String, environment: [String: String]
  ) async throws -> ToolResult {
    await Turns.shared.take()
    let result: Result<ToolResult, any Error>
    do {
      result = .success(
        try await WorkbenchTool.start(arguments, executable: executable, in: folder, environment: environment)
          .finish())
    } catch {
      result = .failure(error)
    }
    await Turns.shared.giveBack()
    return try result.get()
  }

  // MARK: Files

  func path(_ name: String) -> String { folder + "/" + name }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(filePath: path(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Writes a model that is given in ONNX's textual syntax: as text, or binary by the ending of `name`.
  func write(_ model: TestModel, to name: String) throws {
    guard name.hasSuffix(".onnx") else { return try write(model.text, to: name) }
    try write(ONNXFormat.encode(NamedModel(parsing: model.text)), to: name)
  }

  func bytes(of name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }

  func text(of name: String) throws -> String { String(decoding: try bytes(of: name), as: UTF8.self) }

  func json(of name: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: bytes(of: name)) as? [String: Any])
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Everything there is, hidden files too, since a temporary file left behind would be one.
  var names: [String] {
    (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).sorted()
  }
}
