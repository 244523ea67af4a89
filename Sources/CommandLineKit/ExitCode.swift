/// What a command tells the shell that called it.
public enum ExitCode: Int32, Sendable {
  case done = 0
  /// The command did its work, and the answer is no: a budget or an equivalence is not met.
  case unmet = 1
  /// The command could not do its work: wrong usage or bad input.
  case failed = 2

  public struct Meaning: Sendable {
    public let code: ExitCode
    public let text: String

    public init(_ code: ExitCode, _ text: String) {
      self.code = code
      self.text = text
    }
  }

  public static let usualMeanings = [
    Meaning(.done, "done"),
    Meaning(.unmet, "the budget or the equivalence is not met"),
    Meaning(.failed, "wrong usage or bad input"),
  ]
}
