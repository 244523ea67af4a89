import Processes

/// Why there is no picture. `messages` is the end of what Graphviz said.
public enum GraphvizError: Error, Hashable, CustomStringConvertible {
  /// There is no process to draw in.
  case notStarted(String)
  case failed(status: Int32, messages: String)
  case crashed(signal: Int32, messages: String)
  case timedOut(seconds: Double)

  public var description: String {
    switch self {
    case .notStarted(let reason):
      "cannot start 'workbench layout', which draws pictures: \(reason); where the program is another one, "
        + "\(ProcessCommand.executableVariable) names it"
    case .failed(let status, let messages):
      "Graphviz " + (GraphvizStep(rawValue: status)?.failure ?? "ended with status \(status)")
        + Self.shown(messages) + Self.help(for: messages)
    case .crashed(let signal, let messages): "Graphviz crashed by signal \(signal)\(Self.shown(messages))"
    case .timedOut(let seconds): "Graphviz gave no picture in \(seconds) s"
    }
  }

  private static func shown(_ messages: String) -> String {
    let lines = messages.split(whereSeparator: \.isNewline)
    return lines.isEmpty ? "" : ": " + lines.joined(separator: "; ")
  }

  /// Without its list of plugins the library knows no layouts and no formats.
  private static func help(for messages: String) -> String {
    let lacksPlugins = messages.contains("not recognized") || messages.contains("No formats found")
    return lacksPlugins ? "; register its plugins with 'dot -c' (as root)" : ""
  }
}
