import CommandLineKit
import Foundation

/// The folder that a search or a sweep writes into. It is always a new one, so that no earlier result is lost.
struct ResultFolder {
  enum Kind: String {
    case search, sensitivity

    /// Whatever went wrong after this file was written, it stays.
    fileprivate var result: String { self == .search ? "optimized.onnx" : "sensitivity.json" }
  }

  let path: String
  private let kind: Kind
  private let isOurs: Bool

  /// - Parameters:
  ///   - path: an existing folder is taken only if it is empty. Nil for `<model>-search` beside the model, with a
  ///     number where that exists.
  ///   - resuming: the file that has to be there already, where an earlier run is to go on.
  init(path: FilePath?, model: FilePath, kind: Kind, resuming: String? = nil) throws {
    self.kind = kind
    if let resuming {
      isOurs = false
      self.path = try Self.earlier(path, model: model, kind, holding: resuming)
      return
    }
    if let path {
      let contents = try? FileManager.default.contentsOfDirectory(atPath: path.string)
      guard contents?.isEmpty ?? true else {
        throw CommandError("\(path): holds files already", help: ["name a new folder with --out"])
      }
      isOurs = contents == nil
      self.path = path.url.path
    } else {
      isOurs = true
      self.path = Self.paths(beside: model, kind).first { !FileManager.default.fileExists(atPath: $0) } ?? ""
    }
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        "\(self.path): the folder cannot be made", notes: [CommandError(describing: error).message],
        help: ["name another with --out"])
    }
  }

  /// The folder of an earlier run: the last one beside the model, where none is named.
  private static func earlier(_ path: FilePath?, model: FilePath, _ kind: Kind, holding name: String) throws
    -> String
  {
    let folder =
      path?.url.path
      ?? paths(beside: model, kind).prefix { FileManager.default.fileExists(atPath: $0) }.last
    let file = folder.map { URL(filePath: $0).appending(path: name).path }
    guard let folder, let file, FileManager.default.fileExists(atPath: file) else {
      throw CommandError(
        "\(folder ?? model.string): no earlier run to resume", help: ["name its folder with --out"])
    }
    return folder
  }

  /// Those of earlier runs that named none, the last first.
  static func earlier(_ kind: Kind, beside model: FilePath) -> [String] {
    paths(beside: model, kind).prefix { FileManager.default.fileExists(atPath: $0) }.reversed()
  }

  func file(_ name: String) -> String { URL(filePath: path).appending(path: name).path }

  /// After a failure nothing is left behind, unless there was a result already.
  func abandon() {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path),
      !names.contains(kind.result)
    else { return }
    for name in names where name.hasPrefix("exact.onnx") || name.hasPrefix("journal.sqlite") {
      try? FileManager.default.removeItem(atPath: file(name))
    }
    guard isOurs, (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true else {
      return
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func paths(beside model: FilePath, _ kind: Kind) -> some Sequence<String> {
    let base = model.url.deletingPathExtension().path + "-\(kind.rawValue)"
    return (1...).lazy.map { $0 == 1 ? base : "\(base)-\($0)" }
  }
}
