import Foundation
import Processes
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program of the user's that judges what a model puts out for some samples, all together, by one number.
///
/// The shell runs it with the path of a folder as its last argument, which the variable `WORKBENCH_OUTPUTS` holds, too.
/// There are `.npy` files of each output of the model, of `labels` if the data has any, and of `indices`: which samples
/// of the data these are. The last line of what the program prints is the number.
public struct MetricCommand: Sendable {
  /// For the shell.
  public var line: String
  public var direction: Metric.Direction
  /// How long one run may take.
  public var secondsLimit: Double

  public init(_ line: String, direction: Metric.Direction, secondsLimit: Double) {
    self.line = line
    self.direction = direction
    self.secondsLimit = secondsLimit
  }

  public static let variable = "WORKBENCH_OUTPUTS"

  /// What the model puts out for some samples, [samples, …] each.
  public typealias Output = (name: String, values: Tensor)

  /// - Parameter isCancelled: asked now and then; the program is killed where it says so.
  /// - Throws: `MetricCommandError`, `WorkerError.cancelled`.
  public func value(
    of outputs: [Output], labels: Tensor?, indices: [Int], isCancelled: () -> Bool = { false }
  ) throws -> Double {
    let folder = try OutputFolder(outputs, labels: labels, indices: indices)
    let (process, printed, log) = try start(with: folder)
    let end = process.end(within: secondsLimit, isCancelled: isCancelled)
    switch end {
    case .exited(status: 0)?: return try Self.number(printed.tail(), log: log.tail())
    case .exited(let status)?: throw MetricCommandError("ended with status \(status)", log: log.tail())
    case .killed(let signal)?: throw MetricCommandError("was ended by signal \(signal)", log: log.tail())
    case nil where isCancelled(): throw WorkerError.cancelled
    case nil: throw MetricCommandError("gave no answer in \(secondsLimit) s", log: "")
    }
  }

  private func start(with folder: OutputFolder) throws -> (
    process: ChildProcess, printed: NamelessFile, log: NamelessFile
  ) {
    let shell = ProcessCommand(
      executable: "/bin/sh", arguments: ["-c", line + " \"$@\"", "metric-command", folder.path],
      environment: [Self.variable: folder.path])
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(nothing) }
    do {
      let (printed, log) = (try NamelessFile(), try NamelessFile())
      let process = try ChildProcess(
        shell, descriptors: [(nothing, 0), (printed.descriptor, 1), (log.descriptor, 2)])
      return (process, printed, log)
    } catch let error as ProcessError {
      throw MetricCommandError("cannot be started: \(error)", log: "")
    }
  }

  private static func number(_ printed: String, log: String) throws -> Double {
    let last = printed.split(whereSeparator: \.isNewline).last.map { String($0.prefix(80)) } ?? ""
    let text = last.trimmingCharacters(in: .whitespaces)
    guard !text.isEmpty else { throw MetricCommandError("printed nothing", log: log) }
    guard let number = Double(text), number.isFinite else {
      throw MetricCommandError("printed '\(text)' on its last line, which is no number", log: log)
    }
    return number
  }
}

/// Why a metric command gave no number.
public struct MetricCommandError: Error, Hashable, Sendable, CustomStringConvertible {
  public var reason: String
  /// The end of what it wrote to standard error.
  public var log: String

  init(_ reason: String, log: String) {
    self.reason = reason
    self.log = log.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "\n")
  }

  public var description: String { "the metric command \(reason)\(log.isEmpty ? "" : ": \(log)")" }
}

/// A temporary folder of arrays, which goes with this object.
private final class OutputFolder {
  let path: String

  init(_ outputs: [MetricCommand.Output], labels: Tensor?, indices: [Int]) throws {
    let name = "workbench-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    path = FilePath.joining(NSTemporaryDirectory(), name)
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    var taken: Set<String> = []
    try write(Tensor(int64: indices), as: "indices", &taken)
    if let labels { try write(labels, as: "labels", &taken) }
    for output in outputs { try write(output.values, as: output.name, &taken) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// An output may have any name; no file can.
  private func write(_ tensor: Tensor, as name: String, _ taken: inout Set<String>) throws {
    let plain = name.unicodeScalars.map { Self.plain.contains($0) ? Character($0) : "_" }
    let stem = String(plain.prefix(200)).replacing(/^\./, with: "_")
    var (unique, number) = (stem.isEmpty ? "output" : stem, 2)
    while !taken.insert(unique.lowercased()).inserted {
      unique = "\(stem)_\(number)"
      number += 1
    }
    let file = FilePath.joining(path, unique + ".npy")
    guard FileManager.default.createFile(atPath: file, contents: Data(try NumpyArray.bytes(of: tensor)))
    else {
      throw FileError(path: file, reason: "cannot be written")
    }
  }

  private static let plain = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_")
}
