/// A small graph before and after a strategy, in the shorthand of `Docs/TextSyntax.md`. Every example is a test and a
/// part of the strategy's documentation.
///
/// Calibration data is drawn by the declared inputs, whose first axis counts samples: `float[N, 4] x in 0...1`. What is
/// special about it is a matter of the graph: a dead channel has weights of zero, a redundant column is computed.
public struct StrategyExample: Sendable {
  public enum Expectation: Sendable {
    /// The changes that are taken make this graph of it, up to names, and outputs move as far as this.
    case becomes(String, taking: Choice, loss: Loss)
    /// Nothing is proposed, because of this.
    case unchanged(because: String)
  }

  /// How far outputs move on samples other than those of the calibration.
  public enum Loss: Hashable, Sendable {
    /// Not at all, but for rounding.
    case none
    /// The squared error relative to the variance of an output, of the one that moves most. A claim of more than ten
    /// times what is measured is a finding, too.
    case atMost(Double)
  }

  /// Which of the proposed changes are made.
  public enum Choice: Hashable, Sendable {
    /// So many steps of a schedule, or candidates in their order.
    case first(Int)
    /// Those with these titles, which are what reports say.
    case titled([String])
  }

  /// What it shows, in a few words.
  public var name: String
  public var graph: String
  public var expectation: Expectation
  /// Declarations for this example, instead of the strategy's own.
  public var given: String?
  /// The version of the standard operators.
  public var opset: Int
  public let file: String
  public let line: Int

  public static let defaultOpset = 21

  /// The changes that are taken make `result` of `graph`.
  ///
  /// Numbers in floating point are compared to three digits, since they are fitted; all others exactly. A name that
  /// nothing produces stands for a constant of any values, and of the type that it is declared with.
  public static func changes(
    _ name: String, _ graph: String, to result: String, taking choice: Choice = .first(1), loss: Loss,
    given: String? = nil, opset: Int = defaultOpset, file: String = #filePath, line: Int = #line
  ) -> StrategyExample {
    StrategyExample(
      name: name, graph: graph, expectation: .becomes(result, taking: choice, loss: loss), given: given,
      opset: opset, file: file, line: line)
  }

  /// The strategy proposes nothing for `graph`.
  public static func keeps(
    _ name: String, _ graph: String, because reason: String, given: String? = nil,
    opset: Int = defaultOpset, file: String = #filePath, line: Int = #line
  ) -> StrategyExample {
    StrategyExample(
      name: name, graph: graph, expectation: .unchanged(because: reason), given: given, opset: opset,
      file: file, line: line)
  }
}
