import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import ONNXFormat
import TensorCore

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
    guard isText(path) else { return try ONNXFormat.read(path.string) }
    guard let text = try? String(contentsOf: path.url, encoding: .utf8) else {
      throw ModelError("cannot be read as text", file: path.string)
    }
    return try NamedModel(parsing: text, file: path.string)
  }

  /// See `ONNXFormat.verifyExternalData`.
  static func verifyExternalData(of path: FilePath) throws -> [ExternalDataFile] {
    guard !isText(path) else { throw CommandError("\(path): a model as text has no checksums") }
    return try ONNXFormat.verifyExternalData(of: path.string)
  }

  /// What the runtime loads: the file itself, or its model encoded where the file is text.
  static func source(of model: Model, readFrom path: FilePath) throws -> SessionSource {
    guard isText(path) else { return .file(path.url.path) }
    return .bytes(try ONNXFormat.encode(model.named()), name: path.string)
  }

  private static func isText(_ path: FilePath) -> Bool { path.string.hasSuffix(".onnxtxt") }

  /// - Throws: where `path` exists and was not asked to be replaced.
  static func requireFree(_ path: FilePath, input: FilePath, force: Bool) throws {
    guard !force, FileManager.default.fileExists(atPath: path.string) else { return }
    let isInput = path.url.resolvingSymlinksInPath() == input.url.resolvingSymlinksInPath()
    throw CommandError(
      isInput ? "\(path): is the input itself" : "\(path): exists already", help: ["--force replaces it"])
  }

  /// - Parameters:
  ///   - input: the file that the model came from, which is replaced only on request.
  ///   - sharesWeights: whether the model may refer to weights in other files of its folder.
  static func write(
    _ model: Model, to path: FilePath, input: FilePath, force: Bool, sharesWeights: Bool = false
  ) throws {
    try requireFree(path, input: input, force: force)
    if isText(path) {
      try AtomicFile.write(ModelPrinter().print(model.named()), to: path.string, overwriting: true)
    } else {
      try ONNXFormat.write(
        model.named(), to: path.string, overwriting: force,
        externalData: sharesWeights ? .shared : .automatic)
    }
  }
}

extension ModelError: ReportedError {
  public var headline: String { description }
  public var notes: [String] { [] }
  public var help: [String] { hint.map { [$0] } ?? [] }
  public var exitCode: ExitCode { .failed }
}
