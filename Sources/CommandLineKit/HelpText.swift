extension CommandLineTool {
  /// What `--help` says of the tool as a whole.
  func help(for output: Output) -> String {
    let page = HelpPage(output)
    let visible = commands.filter { !$0.isHidden }
    return page.joined([
      "\(page.heading("usage:")) \(name) COMMAND [options]",
      page.paragraphs(abstract),
      page.paragraphs(discussion),
      page.section("commands", visible.map { HelpPage.Entry($0.name, $0.abstract) }),
      page.section(
        ParameterList.generalHeading,
        [.init("--help, -h", "show this help"), .init("--version", "show the version")]),
      "'\(name) COMMAND --help' explains a command.",
    ])
  }

  /// What `--help` says of a command.
  func help(on command: any Command.Type, for output: Output) -> String {
    let page = HelpPage(output)
    let list = ParameterList(command.init(), GeneralOptions())
    return page.joined(
      [
        page.usage("\(name) \(command.name)", list.parameters),
        page.paragraphs(command.abstract),
        page.paragraphs(command.discussion),
      ] + page.sections(of: list.parameters) + [
        page.examples(command.examples),
        page.section("exit codes", command.exitCodes.map { .init("\($0.code.rawValue)", $0.text) }),
      ])
  }
}

/// Lays out a page of help for the width and the colours of where it goes.
private struct HelpPage {
  /// A term and what it means.
  struct Entry {
    var term: String
    var text: String

    init(_ term: String, _ text: String) {
      self.term = term
      self.text = text
    }
  }

  private let width: Int
  private let style: TextStyle

  init(_ output: Output) {
    // Long lines are hard to read on a wide terminal too.
    width = max(40, min(output.width, 100))
    style = output.style
  }

  func heading(_ text: String) -> String { style.apply(text, .bold) }

  func joined(_ parts: [String]) -> String {
    parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  func paragraphs(_ text: String) -> String { text.wrapped(to: width).joined(separator: "\n") }

  /// What must be given, then `[options]`, then what may follow.
  func usage(_ command: String, _ parameters: [Parameter]) -> String {
    let required = parameters.filter { $0.isRequired && !$0.names.isEmpty }.map(\.usage)
    let positional = parameters.filter(\.names.isEmpty).map { parameter in
      switch parameter.kind {
      case .positional(.list): "[\(parameter.placeholder)…]"
      case .positional(.optional): "[\(parameter.placeholder)]"
      default: parameter.placeholder
      }
    }
    let line = ([command] + required + ["[options]"] + positional).joined(separator: " ")
    let lines = line.wrapped(to: width - 9)
    return "\(heading("usage:")) " + lines.joined(separator: "\n         ")
  }

  /// The command's own parameters, then each group's, in the order in which their headings first appear.
  func sections(of parameters: [Parameter]) -> [String] {
    var headings: [String] = []
    for parameter in parameters where !headings.contains(parameter.heading) {
      headings.append(parameter.heading)
    }
    return headings.map { heading in
      section(heading, parameters.filter { $0.heading == heading }.map { Entry($0.term, $0.explanation) })
    }
  }

  func section(_ title: String, _ entries: [Entry]) -> String {
    guard !entries.isEmpty else { return "" }
    let widest = entries.map(\.term.displayWidth).filter { $0 <= 28 }.max() ?? 0
    let rows = entries.flatMap { lines(of: $0, column: widest + 4) }
    return ([heading(title + ":")] + rows).joined(separator: "\n")
  }

  /// The term at two columns, its text from `column` on; below it when the term is too long.
  private func lines(of entry: Entry, column: Int) -> [String] {
    let text = entry.text.wrapped(to: width - column)
    let margin = String(repeating: " ", count: column)
    let term = "  " + entry.term
    let isLong = term.displayWidth > column - 2
    let first = isLong ? [term] : [term.padded(to: column) + (text.first ?? "")]
    return first + (isLong ? text[...] : text.dropFirst()).map { margin + $0 }
  }

  func examples(_ examples: [CommandExample]) -> String {
    guard !examples.isEmpty else { return "" }
    let lines = examples.flatMap { example in
      ["  " + example.line] + example.explanation.wrapped(to: width - 6).map { "      " + $0 }
    }
    return ([heading("examples:")] + lines).joined(separator: "\n")
  }
}

extension Parameter {
  fileprivate var heading: String {
    section ?? (names.isEmpty ? "arguments" : "options")
  }

  /// The left column: `--model, -m FILE`.
  fileprivate var term: String {
    switch kind {
    case .flag: names.map { $0 == positiveOfPair ? "--[no-]" + $0.dropFirst(2) : $0 }.joined(separator: ", ")
    case .option(.list(let separator?)): names.joined(separator: ", ") + " \(placeholder)\(separator)…"
    case .option: names.joined(separator: ", ") + " " + placeholder
    case .positional: placeholder
    }
  }

  private var positiveOfPair: String? { negativeName == nil ? nil : names.first { $0.hasPrefix("--") } }

  /// The right column: the help, then what is allowed and what is assumed.
  fileprivate var explanation: String {
    var remarks: [String] = []
    if let allowedValues { remarks.append("one of " + allowedValues.joined(separator: ", ")) }
    if case .option(.list(separator: nil)) = kind { remarks.append("may be given several times") }
    if case .flag(onByDefault: true) = kind { remarks.append("on by default") }
    if let defaultText { remarks.append("default: " + defaultText) }
    if isRequired, !names.isEmpty { remarks.append("required") }
    return remarks.isEmpty ? help : "\(help) (\(remarks.joined(separator: "; ")))"
  }
}
