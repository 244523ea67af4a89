import Foundation
import GraphIR

/// A journal in a file: a line of JSON that says what was searched, then one for each attempt. A line that an
/// interruption cut off is not counted and goes.
public struct AttemptFile: AttemptJournal {
  private struct Header: Codable, Hashable {
    var version = 1
    /// A digest of the model.
    var model: String
    var cost: String
  }

  private let path: String
  private var known = TransientJournal()
  public private(set) var count = 0

  /// Opens the file, or makes it.
  /// - Throws: `ModelError` where it cannot be read, or belongs to another model or cost.
  public init(path: String, model: String, cost: String) throws {
    self.path = path
    let header = Header(model: model, cost: cost)
    let lines = (try? Data(contentsOf: URL(filePath: path)))?.split(separator: UInt8(ascii: "\n")) ?? []
    if let first = lines.first {
      guard let found = try? JSONDecoder().decode(Header.self, from: first), found == header else {
        throw ModelError(
          "is no journal of this model and this cost", file: path, hint: "name another file, or remove it")
      }
    }
    var kept = try [Self.line(header)]
    for line in lines.dropFirst() {
      guard let attempt = try? JSONDecoder().decode(OrderSearch.Attempt.self, from: line) else { continue }
      known.append(attempt)
      kept.append(try Self.line(attempt))
    }
    count = kept.count - 1
    do {
      try Data(kept.joined()).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw ModelError("cannot be written: \(error.localizedDescription)", file: path)
    }
  }

  public func attempt(for plan: PassPlan) -> OrderSearch.Attempt? { known.attempt(for: plan) }

  public mutating func append(_ attempt: OrderSearch.Attempt) throws {
    known.append(attempt)
    count += 1
    do {
      let handle = try FileHandle(forWritingTo: URL(filePath: path))
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Self.line(attempt))
    } catch {
      throw ModelError("cannot be written: \(error.localizedDescription)", file: path)
    }
  }

  private static func line(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}
