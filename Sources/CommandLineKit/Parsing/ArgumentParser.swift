/// Reads arguments into parameters. The first thing that makes no sense ends it with a `UsageError`.
struct ArgumentParser {
  private let parameters: [Parameter]
  private var arguments: ArraySlice<String> = []
  /// Indices into `parameters`.
  private var given: Set<Int> = []

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
  }

  mutating func parse(_ arguments: [String]) throws {
    self.arguments = arguments[...]
    while let argument = self.arguments.popFirst() {
      if argument == "--" {
        while let positional = self.arguments.popFirst() { try takePositional(positional) }
      } else if argument.hasPrefix("--") {
        try takeLong(argument)
      } else if argument.hasPrefix("-"), argument != "-" {
        try takeShort(argument)
      } else {
        try takePositional(argument)
      }
    }
    try requireAll()
  }

  private mutating func takeLong(_ argument: String) throws {
    let name = String(argument.prefix { $0 != "=" })
    guard let index = index(named: name) else { throw unknown(name) }
    let value = argument.dropFirst(name.count + 1)
    try take(index, name: name, attached: argument == name ? nil : String(value))
  }

  /// `-n VALUE`, `-nVALUE`, `-n=VALUE`, or several switches at once, of which the last may have a value.
  private mutating func takeShort(_ argument: String) throws {
    if index(named: "-" + argument) != nil { throw unknown(argument) }
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      let name = "-\(letter)"
      guard let index = index(named: name) else {
        let isFirst = letters.count + 2 == argument.count
        throw unknown(isFirst ? argument : name)
      }
      if case .flag = parameters[index].kind {
        try take(index, name: name, attached: nil)
        continue
      }
      let value = letters.first == "=" ? letters.dropFirst() : letters
      return try take(index, name: name, attached: letters.isEmpty ? nil : String(value))
    }
  }

  private mutating func take(_ index: Int, name: String, attached: String?) throws {
    let parameter = parameters[index]
    try noteGiven(index, name: name)
    if case .flag = parameter.kind {
      if let attached { throw UsageError("'\(name)' takes no value, but '\(attached)' was given") }
      return try accept(name, for: parameter, called: name)
    }
    guard let value = attached ?? nextValue() else {
      throw UsageError("'\(name)' needs a value", help: ["write \(name) \(parameter.placeholder)"])
    }
    try accept(value, for: parameter, called: name)
  }

  /// The next argument unless it is one of our names: `--seed -1` has a value, `--out --json` has none.
  private mutating func nextValue() -> String? {
    guard let next = arguments.first, next != "--" else { return nil }
    let isName = index(named: String(next.prefix { $0 != "=" })) != nil
    return isName ? nil : arguments.popFirst()
  }

  private mutating func takePositional(_ argument: String) throws {
    let next = parameters.indices.first { index in
      switch parameters[index].kind {
      case .positional(.list): true
      case .positional: !given.contains(index)
      default: false
      }
    }
    guard let next else { throw unexpected(argument) }
    try noteGiven(next, name: parameters[next].placeholder)
    try accept(argument, for: parameters[next], called: parameters[next].placeholder)
  }

  /// A value given twice is more often a mistake in a script than a change of mind.
  private mutating func noteGiven(_ index: Int, name: String) throws {
    let isNew = given.insert(index).inserted
    switch parameters[index].kind {
    case .option(.required), .option(.optional):
      if !isNew { throw UsageError("'\(name)' is given twice") }
    default: break
    }
  }

  private func accept(_ value: String, for parameter: Parameter, called name: String) throws {
    do {
      try parameter.accept(value)
    } catch let error as RejectedArgument {
      let suggestions = didYouMean(error.argument, among: parameter.allowedValues ?? [])
      throw UsageError("'\(name)' needs \(error.expectation), not '\(error.argument)'", help: suggestions)
    }
  }

  private func requireAll() throws {
    let missing = missingParameters.map { "'\($0.usage)'" }
    guard let last = missing.last else { return }
    let list = missing.count == 1 ? last : missing.dropLast().joined(separator: ", ") + " and " + last
    throw UsageError("missing \(list)")
  }

  private var missingParameters: [Parameter] {
    parameters.indices.filter { parameters[$0].isRequired && !given.contains($0) }.map { parameters[$0] }
  }

  private func index(named name: String) -> Int? {
    parameters.firstIndex { $0.names.contains(name) || $0.negativeName == name }
  }

  private func unknown(_ name: String) -> UsageError {
    let names = parameters.flatMap { $0.names + ($0.negativeName.map { [$0] } ?? []) }
      .filter { $0.hasPrefix("--") }
    return UsageError(
      "unknown option '\(name)'", help: didYouMean(name.hasPrefix("--") ? name : "-" + name, among: names))
  }

  private func unexpected(_ argument: String) -> UsageError {
    let missing = missingParameters
    let help = missing.count == 1 ? ["did you mean '\(missing[0].displayName) \(argument)'?"] : []
    return UsageError("unexpected argument '\(argument)'", help: help)
  }
}

extension Parameter {
  /// How it is typed: `--model FILE`, or `FILE`.
  var usage: String {
    switch kind {
    case .flag: displayName
    case .option: "\(displayName) \(placeholder)"
    case .positional: placeholder
    }
  }
}
