import GraphIR

extension Pipeline {
  /// Reads what `description` prints.
  /// - Throws: `ModelError` that shows where the text stops making sense.
  public init(parsing text: String) throws {
    var parser = PipelineParser(text)
    self = try parser.parseAll()
  }
}

private struct PipelineParser {
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  init(_ text: String) {
    characters = Array(text)
  }

  mutating func parseAll() throws -> Pipeline {
    let pipeline = try parsePipeline()
    guard position == characters.count else { throw error("',' expected") }
    return pipeline
  }

  private mutating func parsePipeline() throws -> Pipeline {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else { throw error("too deeply nested") }
    var elements = [try parseElement()]
    while accept(",") { elements.append(try parseElement()) }
    return Pipeline(elements)
  }

  private mutating func parseElement() throws -> Pipeline.Element {
    let name = try parseWord("the name of a pass")
    let options = try parseOptions()
    guard accept("(") else { return .pass(name: name, options: options) }
    let element: Pipeline.Element
    switch name {
    case "fixpoint":
      element = .fixpoint(
        try parsePipeline(), limit: try number("limit", in: options) ?? Pipeline.defaultLimit)
    case "repeat":
      element = .repeated(try parsePipeline(), count: try number("count", in: options) ?? 1)
    case "rules":
      element = .rules(try parseRules())
    default:
      throw error("'\(name)' takes no passes: fixpoint, repeat and rules do")
    }
    guard accept(")") else { throw error("')' expected") }
    return element
  }

  private mutating func parseRules() throws -> [String]? {
    var names = [try parseRule()]
    while accept(",") { names.append(try parseRule()) }
    return names == [Pipeline.allRules] ? nil : names
  }

  private mutating func parseRule() throws -> String {
    try accept("*") ? Pipeline.allRules : parseWord("the name of a rule")
  }

  private mutating func parseOptions() throws -> [Pipeline.Option] {
    guard accept("{") else { return [] }
    var options: [Pipeline.Option] = []
    while !accept("}") {
      let key = try parseWord("an option")
      let value = accept("=") ? try parseWord("a value") : nil
      options.append(Pipeline.Option(key: key, value: value))
      _ = accept(",")
    }
    return options
  }

  private func number(_ key: String, in options: [Pipeline.Option]) throws -> Int? {
    guard let option = options.first(where: { $0.key == key }) else {
      if let other = options.first { throw error("'\(other.key)' is no option here: '\(key)' is") }
      return nil
    }
    guard let number = option.value.flatMap({ Int($0) }), number > 0, number <= 10_000 else {
      throw error("'\(key)' must be a number from 1 to 10000")
    }
    return number
  }

  // MARK: Characters

  private mutating func parseWord(_ what: String) throws -> String {
    skipBlanks()
    let start = position
    while position < characters.count, isWord(characters[position]) { position += 1 }
    guard position > start else { throw error("\(what) expected") }
    return String(characters[start..<position])
  }

  private func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-_.%+".contains(character)
  }

  private mutating func accept(_ character: Character) -> Bool {
    skipBlanks()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  private func error(_ message: String) -> ModelError {
    let read = String(characters[..<position].suffix(24))
    return ModelError("pipeline: \(message) after '\(read)'")
  }
}
