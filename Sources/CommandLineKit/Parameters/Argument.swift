/// A value given by its place. Places are those of the properties, and an array takes all that remain, so
/// that it must be the last.
@propertyWrapper
public struct Argument<Value: Sendable>: ParameterSource, Sendable {
  private let storage: ParameterStorage<Value>
  private let fallback: Value?
  private let parameter: Parameter

  var parameters: [Parameter] { [parameter] }

  public var wrappedValue: Value {
    get {
      guard let value = storage.value ?? fallback else {
        preconditionFailure("\(parameter.displayName) is required and was read before parsing")
      }
      return value
    }
    nonmutating set { storage.value = newValue }
  }

  private init(_ fallback: Value?, _ makeParameter: (ParameterStorage<Value>) -> Parameter) {
    storage = ParameterStorage(nil)
    self.fallback = fallback
    parameter = makeParameter(storage)
  }
}

extension Argument where Value: OptionValue {
  /// Required.
  public init(
    _ placeholder: String, help: String, values: [String]? = nil, check: Check<Value>? = nil
  ) {
    let specification = ValueSpecification(help: help, placeholder: placeholder, values: values, check: check)
    self.init(nil) { specification.single(.positional(.required), names: [], into: $0) { $0 } }
  }
}

extension Argument {
  /// May be left out.
  public init<Wrapped: OptionValue>(
    _ placeholder: String, help: String, values: [String]? = nil, defaultText: String? = nil,
    check: Check<Wrapped>? = nil
  ) where Value == Wrapped? {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values, defaultText: defaultText, check: check)
    self.init(.some(nil)) { specification.single(.positional(.optional), names: [], into: $0) { $0 } }
  }

  /// Any number of values, none included.
  public init<Element: OptionValue>(
    _ placeholder: String, help: String, values: [String]? = nil, defaultText: String? = nil,
    check: Check<Element>? = nil
  ) where Value == [Element] {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values, defaultText: defaultText, check: check)
    self.init([]) {
      specification.list(.positional(.list(separator: Element.listSeparator)), names: [], into: $0)
    }
  }
}
