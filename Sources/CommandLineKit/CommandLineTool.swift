import Foundation

/// A tool made of subcommands: finds the one that is named, reads its arguments, runs it, reports its errors.
public struct CommandLineTool: Sendable {
  public let name: String
  public let version: String
  public let abstract: String
  public let discussion: String
  public let commands: [any Command.Type]

  public init(
    name: String, version: String, abstract: String, discussion: String = "", commands: [any Command.Type]
  ) {
    self.name = name
    self.version = version
    self.abstract = abstract
    self.discussion = discussion
    self.commands = commands
  }

  /// Runs the process's own arguments and ends the process.
  public func main() async -> Never {
    // A reader that goes away (`… | head`) then shows as a failed write, which `Output` takes quietly.
    signal(SIGPIPE, SIG_IGN)
    let terminal = Terminal.standard
    let code = await run(Array(CommandLine.arguments.dropFirst()), on: terminal)
    exit(terminal.finish(tool: name, with: code).rawValue)
  }

  /// Runs `arguments`, which begin with the command's name.
  public func run(_ arguments: [String], on terminal: Terminal) async -> ExitCode {
    do {
      return try await dispatch(arguments, on: terminal)
    } catch {
      return report(error, on: terminal)
    }
  }

  private func dispatch(_ arguments: [String], on terminal: Terminal) async throws -> ExitCode {
    guard let first = arguments.first else {
      terminal.error.write(help(for: terminal.error))
      return .failed
    }
    switch first {
    case "--help", "-h", "help":
      let topic = try arguments.dropFirst().first { !$0.hasPrefix("-") }.map(command(named:))
      let page = topic.map { help(on: $0, for: terminal.output) } ?? help(for: terminal.output)
      terminal.output.write(page)
      return .done
    case "--version":
      terminal.print("\(name) \(version)")
      return .done
    case let option where option.hasPrefix("-"):
      throw UsageError(
        "expected a command before '\(option)'", help: ["options follow the command; see '\(name) --help'"])
    default:
      return try await run(command(named: first), Array(arguments.dropFirst()), on: terminal)
    }
  }

  private func run(
    _ type: any Command.Type, _ arguments: [String], on terminal: Terminal
  ) async throws -> ExitCode {
    if asksForHelp(arguments) {
      terminal.output.write(help(on: type, for: terminal.output))
      return .done
    }
    let command = type.init()
    let general = GeneralOptions()
    do {
      try ParameterList(command, general).parse(arguments)
    } catch var error as UsageError {
      error.help.append("see '\(name) \(type.name) --help'")
      throw error
    }
    return await run(command, on: terminal.applying(general))
  }

  private func run(_ command: some Command, on terminal: Terminal) async -> ExitCode {
    do {
      return try await command.run(on: terminal)
    } catch {
      return report(error, on: terminal)
    }
  }

  private func report(_ error: any Error, on terminal: Terminal) -> ExitCode {
    let error = CommandError(describing: error)
    terminal.error.write(error.report(from: name, style: terminal.error.style))
    return error.exitCode
  }

  private func asksForHelp(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
  }

  private func command(named name: String) throws -> any Command.Type {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let names = commands.filter { !$0.isHidden }.map { $0.name }
    throw UsageError(
      "unknown command '\(name)'",
      help: didYouMean(name, among: names) + ["see '\(self.name) --help' for the list of commands"])
  }
}

/// What every command takes.
struct GeneralOptions: ParameterGroup {
  enum ColorChoice: String, CaseIterable, OptionValue { case auto, always, never }

  @Flag("--quiet", "-q", help: "show no progress and no notes, only results and errors") var quiet
  @Option("--color", help: "colour the output; auto obeys NO_COLOR", placeholder: "WHEN")
  var color = ColorChoice.auto
  @Flag("--help", "-h", help: "show this help") var help
}
