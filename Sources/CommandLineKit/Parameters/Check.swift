/// A condition on a value beyond its type.
public struct Check<Value: Sendable>: Sendable {
  /// What is expected, as in "a number from 1 to 64".
  let expectation: String
  let accepts: @Sendable (Value) -> Bool

  /// Accepts the values for which `accepts` holds; `expectation` follows "needs" in the error.
  public init(_ expectation: String, _ accepts: @escaping @Sendable (Value) -> Bool) {
    self.expectation = expectation
    self.accepts = accepts
  }
}

extension Check where Value: Comparable & OptionValue {
  public static func range(_ range: ClosedRange<Value>) -> Check {
    Check("a value from \(range.lowerBound.argument) to \(range.upperBound.argument)") { range.contains($0) }
  }

  public static func atLeast(_ bound: Value) -> Check {
    Check("a value of at least \(bound.argument)") { $0 >= bound }
  }
}
