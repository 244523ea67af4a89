/// A subcommand: what it is called, what it takes, and what it does.
///
/// ```swift
/// struct Inspect: Command {
///   static let name = "inspect"
///   static let abstract = "show what a model is made of"
///
///   @Option("--model", "-m", help: "the ONNX file") var model: FilePath
///   @Option("--top", help: "how many operators to list", check: .range(1...1000)) var top = 20
///   @Flag("--json", help: "print JSON") var json
///
///   func run(on terminal: Terminal) async throws -> ExitCode {
///     terminal.print("\(model)")
///     return .done
///   }
/// }
/// ```
public protocol Command: ParameterGroup {
  static var name: String { get }
  /// One line: what it does, in the imperative, lower case, no full stop.
  static var abstract: String { get }
  /// Paragraphs parted by empty lines; an indented line is kept as it is.
  static var discussion: String { get }
  static var examples: [CommandExample] { get }
  static var exitCodes: [ExitCode.Meaning] { get }
  /// A hidden command works, but is not listed or suggested.
  static var isHidden: Bool { get }

  /// Does the work. Results go to `terminal.output`, everything else to `terminal.error`.
  func run(on terminal: Terminal) async throws -> ExitCode
}

extension Command {
  public static var discussion: String { "" }
  public static var examples: [CommandExample] { [] }
  public static var exitCodes: [ExitCode.Meaning] { ExitCode.usualMeanings }
  public static var isHidden: Bool { false }
}

/// Declares parameters as properties, wrapped in `@Option`, `@Flag`, `@Argument` or `@OptionGroup`. A group
/// that several commands share is a property of each: `@OptionGroup("running") var running: RunningOptions`.
public protocol ParameterGroup: Sendable {
  init()
  /// Checks what one parameter alone cannot know; throws `UsageError`.
  func validate() throws
}

extension ParameterGroup {
  public func validate() throws {}

  /// Reads arguments as the tool does.
  /// - Throws: `UsageError`.
  public init(parsing arguments: [String]) throws {
    self.init()
    try ParameterList(self, GeneralOptions()).parse(arguments)
  }

  /// What was given, as arguments that give the same in any folder.
  public var givenArguments: [String] {
    let parameters = ParameterList.parameters(of: self)
    let named = parameters.filter { !$0.names.isEmpty }.flatMap(\.givenArguments)
    let positional = parameters.filter { $0.names.isEmpty }.flatMap(\.givenArguments)
    return positional.isEmpty ? named : named + ["--"] + positional
  }
}

/// A line to type, and what comes of it.
public struct CommandExample: Sendable {
  public let line: String
  public let explanation: String

  public init(_ line: String, _ explanation: String) {
    self.line = line
    self.explanation = explanation
  }
}
