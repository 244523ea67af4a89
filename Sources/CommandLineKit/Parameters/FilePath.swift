import Foundation

/// A path as the user typed it. It need not exist.
public struct FilePath: OptionValue, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let string: String

  public init(_ string: String) { self.string = string }
  public init(stringLiteral string: String) { self.string = string }

  public init(argument: String) throws {
    guard !argument.isEmpty else { throw OptionValueError(expected: "a path") }
    // The shell expands `~` only at the beginning of a word, and so not in `--model=~/m.onnx`.
    string = argument.hasPrefix("~/") ? NSHomeDirectory() + argument.dropFirst() : argument
  }

  public var argumentAnywhere: String { url.path }

  public var url: URL { URL(filePath: string) }
  public var description: String { string }
  public static var placeholder: String { "FILE" }
  public static var listSeparator: Character? { nil }
}
