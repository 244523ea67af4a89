/// A value given by name: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`.
///
/// The type of the property decides: with an initial value it has that default, without one it is required, an
/// optional one may be left out, and an array takes any number, as `--name a,b --name c`. `values` lists what is
/// allowed where the type does not, `defaultText` says in help what leaving it out means.
@propertyWrapper
public struct Option<Value: Sendable>: ParameterSource, Sendable {
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

extension Option where Value: OptionValue {
  /// Required.
  public init(
    _ names: String..., help: String, placeholder: String? = nil, values: [String]? = nil,
    check: Check<Value>? = nil
  ) {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values, defaultText: nil, check: check)
    self.init(nil) { specification.single(.option(.required), names: names, into: $0) { $0 } }
  }

  /// With a default.
  public init(
    wrappedValue: Value, _ names: String..., help: String, placeholder: String? = nil,
    values: [String]? = nil,
    defaultText: String? = nil, check: Check<Value>? = nil
  ) {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values, defaultText: defaultText ?? wrappedValue.argument,
      check: check)
    self.init(wrappedValue) { specification.single(.option(.optional), names: names, into: $0) { $0 } }
  }
}

extension Option {
  /// May be left out.
  public init<Wrapped: OptionValue>(
    wrappedValue: Value = nil, _ names: String..., help: String, placeholder: String? = nil,
    values: [String]? = nil, defaultText: String? = nil, check: Check<Wrapped>? = nil
  ) where Value == Wrapped? {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values, defaultText: defaultText, check: check)
    self.init(.some(wrappedValue)) { specification.single(.option(.optional), names: names, into: $0) { $0 } }
  }

  /// Any number of values; those given replace the default.
  public init<Element: OptionValue>(
    wrappedValue: Value = [], _ names: String..., help: String, placeholder: String? = nil,
    values: [String]? = nil, defaultText: String? = nil, check: Check<Element>? = nil
  ) where Value == [Element] {
    let specification = ValueSpecification(
      help: help, placeholder: placeholder, values: values,
      defaultText: defaultText ?? listText(wrappedValue), check: check)
    self.init(wrappedValue) {
      specification.list(.option(.list(separator: Element.listSeparator)), names: names, into: $0)
    }
  }
}

private func listText(_ values: [some OptionValue]) -> String? {
  values.isEmpty ? nil : values.map(\.argument).joined(separator: ",")
}
