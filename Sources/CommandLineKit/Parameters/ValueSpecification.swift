/// How arguments become a value; shared by `Option` and `Argument`.
struct ValueSpecification<Element: OptionValue>: Sendable {
  var help: String
  var placeholder: String?
  var values: [String]?
  var defaultText: String?
  var check: Check<Element>?

  /// A parameter that takes one value.
  func single<Value>(
    _ kind: Parameter.Kind, names: [String], into storage: ParameterStorage<Value>,
    as convert: @escaping @Sendable (Element) -> Value
  ) -> Parameter {
    parameter(kind, names: names) { argument in
      let value = try parse(argument)
      storage.value = convert(value)
      return [value]
    }
  }

  /// A parameter that takes any number of values, over several arguments or as a list in one.
  func list(
    _ kind: Parameter.Kind, names: [String], into storage: ParameterStorage<[Element]>
  ) -> Parameter {
    parameter(kind, names: names) { argument in
      let added = try elements(of: argument).map(parse)
      storage.update { $0 = ($0 ?? []) + added }
      return added
    }
  }

  private func parameter(
    _ kind: Parameter.Kind, names: [String], accept: @escaping @Sendable (String) throws -> [Element]
  ) -> Parameter {
    let given = ParameterStorage<[String]>([])
    return Parameter(
      kind: kind, names: names, help: help, placeholder: placeholder ?? Element.placeholder,
      allowedValues: values ?? Element.allowedValues, defaultText: defaultText,
      accept: { argument in
        let values = try accept(argument).map(\.argumentAnywhere)
        given.update { $0 = ($0 ?? []) + values }
      }, given: given)
  }

  private func elements(of argument: String) -> [String] {
    guard let separator = Element.listSeparator else { return [argument] }
    return argument.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }

  private func parse(_ argument: String) throws -> Element {
    do {
      let value = try Element(argument: argument)
      if let values, !values.contains(argument) { throw OptionValueError(expectedOneOf: values) }
      if let check, !check.accepts(value) { throw OptionValueError(expected: check.expectation) }
      return value
    } catch let error as OptionValueError {
      throw RejectedArgument(argument: argument, expectation: error.expectation)
    }
  }
}

/// What was typed, or the part of a list, and what was expected instead.
struct RejectedArgument: Error {
  let argument: String
  let expectation: String
}
