import Foundation
import GraphIR
import ONNXFormat
import Testing

/// Files that are no usable model: exit code 2, one message that names the file, nothing written.
@Suite struct BadModelTests {
  @Test(arguments: BadModel.all, ModelReader.all)
  func isRefusedByName(model: BadModel, reader: ModelReader) async throws {
    let workspace = try Workspace()
    try model.write(workspace)
    let before = workspace.names
    let result = try await workspace.run([reader.name, "-m", model.file] + reader.options)
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains("error: \(model.file): "))
    #expect(result.error.contains(model.reason), "\(result.error)")
    #expect(result.output.isEmpty)
    #expect(workspace.names == before)
  }

  @Test func compareNamesTheBadOne() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "a.onnx")
    try workspace.write("noise", to: "b.onnx")
    let result = try await workspace.run("compare", "--before", "a.onnx", "-m", "b.onnx")
    #expect(result.status == 2)
    #expect(result.error.contains("error: b.onnx: no valid ONNX model"))
  }

  /// Every prefix of a model is a file that a broken download may leave.
  @Test func everyTruncationEndsWithAMessage() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let bytes = Array(try workspace.bytes(of: "m.onnx"))
    for length in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 12)) {
      try workspace.write(Array(bytes[..<length]), to: "t.onnx")
      let result = try await workspace.run("inspect", "-m", "t.onnx")
      #expect(!result.wasKilled && [0, 2].contains(result.status), "\(length) bytes: \(result.error)")
    }
  }
}

/// A command that reads a model, and what else it must be given.
struct ModelReader: Sendable, CustomTestStringConvertible {
  let name: String
  let options: [String]
  var testDescription: String { name }

  static let all = [
    ModelReader(name: "search", options: []), ModelReader(name: "inspect", options: []),
    ModelReader(name: "print", options: []), ModelReader(name: "opt", options: ["-o", "out.onnx"]),
    ModelReader(name: "render", options: ["-o", "out.svg"]),
  ]
}

struct BadModel: Sendable, CustomTestStringConvertible {
  let title: String
  let file: String
  /// Part of the message.
  let reason: String
  let write: @Sendable (Workspace) throws -> Void
  var testDescription: String { title }

  static let all = [
    BadModel(title: "truncated", file: "m.onnx", reason: "no valid ONNX model") { workspace in
      try workspace.write(.residual, to: "m.onnx")
      let bytes = Array(try workspace.bytes(of: "m.onnx"))
      try workspace.write(Array(bytes[..<(bytes.count / 2)]), to: "m.onnx")
    },
    BadModel(title: "no ONNX", file: "m.onnx", reason: "no valid ONNX model") {
      try $0.write("hello, world", to: "m.onnx")
    },
    BadModel(title: "empty", file: "m.onnx", reason: "the file is empty") { try $0.write("", to: "m.onnx") },
    BadModel(title: "missing", file: "m.onnx", reason: "no such file or directory") { _ in },
    BadModel(title: "a folder", file: "m.onnx", reason: "is not a regular file") {
      try $0.write("", to: "m.onnx/inside")
    },
    BadModel(title: "bad text", file: "m.onnxtxt", reason: "1:6: expect") {
      try $0.write("hello, world", to: "m.onnxtxt")
    },
    BadModel(title: "a cycle", file: "m.onnxtxt", reason: "has a cycle through or before") {
      try $0.write(.cyclic, to: "m.onnxtxt")
    },
    BadModel(title: "a missing external file", file: "m.onnxtxt", reason: "w.bin: no such file or directory")
    {
      try $0.write(.externalData(at: "w.bin"), to: "m.onnxtxt")
    },
    BadModel(title: "external data that is too short", file: "m.onnxtxt", reason: "w.bin") {
      try $0.write(.externalData(at: "w.bin"), to: "m.onnxtxt")
      try $0.write([1, 2, 3], to: "w.bin")
    },
    BadModel(title: "a binary model without its weights", file: "m.onnx", reason: "is missing") { workspace in
      try ONNXFormat.write(
        NamedModel(parsing: TestModel.large.text), to: workspace.path("m.onnx"), overwriting: false,
        externalData: .always(minimumByteCount: 0))
      for name in workspace.names where name != "m.onnx" {
        try FileManager.default.removeItem(atPath: workspace.path(name))
      }
    },
    BadModel(
      title: "external data outside the folder", file: "m.onnxtxt", reason: "inside the model's folder"
    ) {
      try $0.write(.externalData(at: "../../../../../../etc/hostname"), to: "m.onnxtxt")
    },
    BadModel(title: "external data through a link", file: "m.onnxtxt", reason: "w.bin") {
      try $0.write(.externalData(at: "w.bin"), to: "m.onnxtxt")
      try FileManager.default.createSymbolicLink(atPath: $0.path("w.bin"), withDestinationPath: "/etc/passwd")
    },
  ]
}
