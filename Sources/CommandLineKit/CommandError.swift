import Foundation

/// An error that knows how to be shown: what is wrong, what else is to know, and the way out.
public protocol ReportedError: Error {
  /// What is wrong and where: file, node.
  var headline: String { get }
  var notes: [String] { get }
  var help: [String] { get }
  var exitCode: ExitCode { get }
}

/// Bad input, or anything else that keeps a command from its work.
public struct CommandError: ReportedError {
  public var message: String
  public var notes: [String]
  public var help: [String]
  public var exitCode: ExitCode
  public var headline: String { message }

  public init(_ message: String, notes: [String] = [], help: [String] = [], exitCode: ExitCode = .failed) {
    self.message = message
    self.notes = notes
    self.help = help
    self.exitCode = exitCode
  }

  /// Any error, in the words that it has for people.
  public init(describing error: any Error) {
    if let error = error as? any ReportedError {
      self.init(error.headline, notes: error.notes, help: error.help, exitCode: error.exitCode)
    } else if let error = error as? CocoaError {
      self.init(Self.text(error))
    } else if let text = (error as? any LocalizedError)?.errorDescription {
      self.init(text)
    } else {
      self.init(String(describing: error))
    }
  }

  /// The system's own reason and the file, where Foundation only says that an operation was not completed.
  private static func text(_ error: CocoaError) -> String {
    let cause = error.underlying as NSError?
    let reason =
      cause?.domain == NSPOSIXErrorDomain
      ? cause.map { String(cString: strerror(Int32($0.code))) } ?? "" : error.localizedDescription
    return error.filePath.map { "\($0): \(reason)" } ?? reason
  }
}

/// Arguments that do not make sense.
public struct UsageError: ReportedError, Equatable {
  public var message: String
  public var help: [String]
  public var headline: String { message }
  public var notes: [String] { [] }
  public var exitCode: ExitCode { .failed }

  public init(_ message: String, help: [String] = []) {
    self.message = message
    self.help = help
  }
}

extension CommandError {
  /// The lines for standard error; those after the first of a part are indented under it.
  func report(from tool: String, style: TextStyle) -> String {
    let parts =
      [part("\(tool): " + style.apply("error:", .bold, .red), message)]
      + notes.map { part("  " + style.apply("note:", .bold), $0) }
      + help.map { part("  " + style.apply("help:", .bold, .green), $0) }
    return parts.map { $0 + "\n" }.joined()
  }

  private func part(_ prefix: String, _ text: String) -> String {
    "\(prefix) " + text.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n    ")
  }
}
