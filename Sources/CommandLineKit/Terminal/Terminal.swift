import Foundation

/// Where a command puts what it has to say: results on standard output, everything else on standard error.
public struct Terminal: Sendable {
  public let output: Output
  public let error: Output
  /// No progress and no notes.
  public let isQuiet: Bool

  public init(output: Output, error: Output, isQuiet: Bool = false) {
    self.output = output
    self.error = error
    self.isQuiet = isQuiet
  }

  /// The process's own streams.
  public static let standard: Terminal = {
    let environment = ProcessInfo.processInfo.environment
    return Terminal(output: stream(STDOUT_FILENO, environment), error: stream(STDERR_FILENO, environment))
  }()

  /// A line of the results.
  public func print(_ line: String = "") {
    if output.isTerminal {
      error.withoutStatus { output.writeLine(line) }
    } else {
      output.writeLine(line)
    }
  }

  /// What is good to know; not when quiet.
  public func note(_ text: String) {
    if !isQuiet { error.writeLine(error.style.apply("note:", .bold) + " " + text) }
  }

  /// What the user should look into, though the work goes on.
  public func warn(_ text: String) {
    error.writeLine(error.style.apply("warning:", .bold, .yellow) + " " + text)
  }

  /// Colours are for terminals that can show them and people who have not said no (https://no-color.org).
  static func wantsColor(isTerminal: Bool, _ environment: [String: String]) -> Bool {
    isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  private static func stream(_ descriptor: Int32, _ environment: [String: String]) -> Output {
    let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    let style = TextStyle(isColored: wantsColor(isTerminal: isTerminal, environment))
    return Output(.descriptor(descriptor), isTerminal: isTerminal, style: style)
  }
}

extension Terminal {
  func applying(_ options: GeneralOptions) -> Terminal {
    let style: TextStyle? =
      switch options.color {
      case .auto: nil
      case .always: TextStyle(isColored: true)
      case .never: .plain
      }
    return Terminal(
      output: output.styled(style ?? output.style), error: error.styled(style ?? error.style),
      isQuiet: isQuiet || options.quiet)
  }

  /// Writes out what waits. A result that could not be written, as on a full disk, is a failure.
  func finish(tool: String, with code: ExitCode) -> ExitCode {
    error.showStatus("")
    output.flush()
    error.flush()
    guard let failure = output.failure else { return code }
    error.writeLine("\(tool): error: cannot write to standard output: \(failure)")
    return .failed
  }
}
