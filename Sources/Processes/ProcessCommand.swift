import Foundation

/// A program, and how it is started.
public struct ProcessCommand: Hashable, Sendable {
  public var executable: String
  public var arguments: [String]
  /// Added to the environment of this process.
  public var environment: [String: String]

  public init(executable: String, arguments: [String] = [], environment: [String: String] = [:]) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }

  /// Names the `workbench` to start where this program is another one.
  public static let executableVariable = "WORKBENCH_EXECUTABLE"

  /// This program itself, when it is `workbench`; else, as in tests, the `workbench` beside it.
  public static func workbench(_ arguments: String...) -> ProcessCommand {
    // Printing a backtrace takes seconds, and nobody reads it.
    ProcessCommand(
      executable: workbenchExecutable, arguments: arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
  }

  private static var workbenchExecutable: String {
    let own = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? URL(filePath: CommandLine.arguments[0])
    if own.lastPathComponent == "workbench" { return own.path }
    return ProcessInfo.processInfo.environment[executableVariable]
      ?? own.deletingLastPathComponent().appending(path: "workbench").path
  }
}

/// Why a process, or a file for what it reads or writes, is not to be had.
public struct ProcessError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  /// Of what the system refused last.
  init(errnoAt path: String) {
    self.init("\(path): \(String(cString: strerror(errno)))")
  }
}
