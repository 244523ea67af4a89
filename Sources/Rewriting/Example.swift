/// A small graph before and after a pass, in the shorthand of `Docs/TextSyntax.md`. Every example is a test
/// and a part of the pass's documentation.
public struct Example: Sendable {
  public enum Expectation: Sendable {
    /// The pass makes this graph of it, up to names.
    case becomes(String)
    /// The pass leaves the graph alone, because of this.
    case unchanged(because: String)
  }

  /// How the graphs are run to see that they compute the same.
  public enum Execution: Hashable, Sendable {
    /// On seeded inputs; NaN or infinity in an output is a failure, since it would hide others.
    case finite
    /// The same for an example that is about NaN and infinity.
    case allowsNonFinite
    /// Not at all: what it computes is random, or no runtime has the operators.
    case skipped
  }

  public var graph: String
  public var expectation: Expectation
  /// Declarations for this example, instead of the pass's own.
  public var given: String?
  /// The version of the standard operators.
  public var opset: Int
  /// The values that the graph returns; nil for all that no node of it reads.
  public var outputs: [String]?
  public var execution: Execution
  public let file: String
  public let line: Int

  public static let defaultOpset = 21

  public static func rewrites(
    _ graph: String, to result: String, given: String? = nil, opset: Int = defaultOpset,
    outputs: [String]? = nil, execution: Execution = .finite,
    file: String = #filePath, line: Int = #line
  ) -> Example {
    Example(
      graph: graph, expectation: .becomes(result), given: given, opset: opset, outputs: outputs,
      execution: execution, file: file, line: line)
  }

  public static func keeps(
    _ graph: String, because reason: String = "no rule applies", given: String? = nil,
    opset: Int = defaultOpset, outputs: [String]? = nil, execution: Execution = .finite,
    file: String = #filePath, line: Int = #line
  ) -> Example {
    Example(
      graph: graph, expectation: .unchanged(because: reason), given: given, opset: opset, outputs: outputs,
      execution: execution, file: file, line: line)
  }
}
