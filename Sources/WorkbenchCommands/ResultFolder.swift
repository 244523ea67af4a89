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

  /// - Parameter path: an existing folder is taken only if it is empty. Nil for `<model>-search` beside the
  ///   model, with a number where that exists.
  init(path: FilePath?, model: FilePath, kind: Kind) throws {
    self.kind = kind
    if let path {
      let contents = try? FileManager.default.contentsOfDirectory(atPath: path.string)
      guard contents?.isEmpty ?? true else {
        throw CommandError("\(path): holds files already", help: ["name a new folder with --out"])
      }
      isOurs = contents == nil
      self.path = path.url.path
    } else {
      isOurs = true
      self.path = Self.freePath(beside: model, kind)
    }
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        "\(self.path): the folder cannot be made", notes: [CommandError(describing: error).message],
        help: ["name another with --out"])
    }
  }

  func file(_ name: String) -> String { URL(filePath: path).appending(path: name).path }

  /// After a failure nothing is left behind, unless there was a result already.
  func abandon() {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path),
      !names.contains(kind.result)
    else { return }
    for name in names where name.hasPrefix("exact.onnx") {
      try? FileManager.default.removeItem(atPath: file(name))
    }
    guard isOurs, (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true else {
      return
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func freePath(beside model: FilePath, _ kind: Kind) -> String {
    let base = model.url.deletingPathExtension().path + "-\(kind.rawValue)"
    var path = base
    var number = 2
    while FileManager.default.fileExists(atPath: path) {
      path = "\(base)-\(number)"
      number += 1
    }
    return path
  }
}
