import CommandLineKit
import Foundation
import GraphIR
import ONNXFormat

/// Reads a model by the ending of its name: `.onnxtxt` is ONNX's textual syntax, all else the binary format.
enum ModelFile {
  static func read(_ path: FilePath) throws -> Model {
    do {
      return try Model(readNamed(path))
    } catch let error as ModelError {
      throw error.inFile(path.string)
    }
  }

  static func readNamed(_ path: FilePath) throws -> NamedModel {
    guard path.string.hasSuffix(".onnxtxt") else { return try ONNXFormat.read(path.string) }
    guard let text = try? String(contentsOf: path.url, encoding: .utf8) else {
      throw ModelError("cannot be read as text", file: path.string)
    }
    return try NamedModel(parsing: text, file: path.string)
  }

  /// - Parameter input: the file that the model came from, which is replaced only on request.
  static func write(_ model: Model, to path: FilePath, input: FilePath, force: Bool) throws {
    if !force, FileManager.default.fileExists(atPath: path.string) {
      let isInput = path.url.resolvingSymlinksInPath() == input.url.resolvingSymlinksInPath()
      throw CommandError(
        isInput ? "\(path): is the input itself" : "\(path): exists already", help: ["--force replaces it"])
    }
    if path.string.hasSuffix(".onnxtxt") {
      try Data(ModelPrinter().print(model.named()).utf8).write(to: path.url, options: .atomic)
    } else {
      try ONNXFormat.write(model.named(), to: path.string, overwriting: true)
    }
  }
}

extension ModelError: ReportedError {
  public var notes: [String] { [] }
  public var help: [String] { hint.map { [$0] } ?? [] }
  public var exitCode: ExitCode { .failed }
}
