/// A type that an argument can be read as.
public protocol OptionValue: Sendable {
  /// Throws an `OptionValueError` that says what was expected.
  init(argument: String) throws
  /// What one would type to get this value.
  var argument: String { get }
  /// The same for who types it in another folder.
  var argumentAnywhere: String { get }
  /// What stands for the value in help, such as `FILE`.
  static var placeholder: String { get }
  /// All values there are, if they can be listed.
  static var allowedValues: [String]? { get }
  /// What parts the values of a list given at once; `nil` when a value may hold anything.
  static var listSeparator: Character? { get }
}

extension OptionValue {
  public var argument: String { String(describing: self) }
  public var argumentAnywhere: String { argument }
  public static var allowedValues: [String]? { nil }
  public static var listSeparator: Character? { "," }
}

/// Why an argument is no value of its type; the text follows "needs", as in "a whole number".
public struct OptionValueError: Error, Equatable {
  public let expectation: String

  public init(expected expectation: String) {
    self.expectation = expectation
  }

  init(expectedOneOf values: [String]) {
    self.init(expected: "one of \(values.joined(separator: ", "))")
  }
}

extension OptionValue where Self: RawRepresentable<String> & CaseIterable {
  public init(argument: String) throws {
    guard let value = Self(rawValue: argument) else {
      throw OptionValueError(expectedOneOf: Self.allCases.map(\.rawValue))
    }
    self = value
  }

  public var argument: String { rawValue }
  public static var placeholder: String { "NAME" }
  public static var allowedValues: [String]? { allCases.map(\.rawValue) }
}

extension String: OptionValue {
  public init(argument: String) { self = argument }
  public static var placeholder: String { "TEXT" }
}

extension Int: OptionValue {
  public init(argument: String) throws {
    guard let value = Int(argument) else { throw OptionValueError(expected: "a whole number") }
    self = value
  }

  public static var placeholder: String { "N" }
}

extension UInt64: OptionValue {
  public init(argument: String) throws {
    guard let value = UInt64(argument) else { throw OptionValueError(expected: "a whole number, 0 or more") }
    self = value
  }

  public static var placeholder: String { "N" }
}

extension Double: OptionValue {
  public init(argument: String) throws {
    guard let value = Double(argument), value.isFinite else { throw OptionValueError(expected: "a number") }
    self = value
  }

  public static var placeholder: String { "X" }
}
