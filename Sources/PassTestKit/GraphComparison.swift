import GraphIR
import TensorCore

/// Compares graphs up to the names of values and the order of nodes: from the outputs up, each value of the
/// expected graph must have one counterpart, and the other way round.
struct GraphComparison {
  private let actual: Model
  private let expected: Model
  private let numbers: NumberComparison
  /// Names of the expected graph's inputs that stand for constants of any value.
  private let anyConstants: Set<String>
  private var counterparts: [ValueID: ValueID] = [:]
  private var origins: [ValueID: ValueID] = [:]

  /// The first difference in words, or nil. An expected input for which `isAnyConstant` holds stands for an
  /// initializer of any value, and of its type if it has one.
  static func difference(
    of actual: Model, from expected: NamedModel, _ numbers: NumberComparison = .identical
  ) throws -> String? {
    let anyConstants = Set(expected.graph.inputs.filter(\.isAnyConstant).map(\.name))
    return difference(of: actual, from: try Model(expected), anyConstants, numbers)
  }

  static func difference(of actual: Model, from expected: Model) -> String? {
    difference(of: actual, from: expected, [], .identical)
  }

  private static func difference(
    of actual: Model, from expected: Model, _ anyConstants: Set<String>, _ numbers: NumberComparison
  ) -> String? {
    var comparison = GraphComparison(
      actual: actual, expected: expected, numbers: numbers, anyConstants: anyConstants)
    do throws(Difference) {
      try comparison.compareMainGraphs()
      return nil
    } catch {
      return error.text
    }
  }

  private init(
    actual: Model, expected: Model, numbers: NumberComparison, anyConstants: Set<String>
  ) {
    self.actual = actual
    self.expected = expected
    self.numbers = numbers
    self.anyConstants = anyConstants
  }

  private struct Difference: Error {
    let text: String
  }

  // MARK: Graphs

  private mutating func compareMainGraphs() throws(Difference) {
    let wanted = expected.inputs(of: expected.mainGraph).filter { !isAnyConstant($0) }
    let found = actual.inputs(of: actual.mainGraph)
    try require(wanted.map { expected.name(of: $0) }, found.map { actual.name(of: $0) }, "inputs")
    for (value, counterpart) in zip(wanted, found) { try pair(value, counterpart) }
    let names = expected.outputNames(of: expected.mainGraph)
    try require(names, actual.outputNames(of: actual.mainGraph), "outputs")
    try compareContents(of: expected.mainGraph, with: actual.mainGraph)
  }

  private mutating func compareBodies(_ graph: GraphID, with other: GraphID) throws(Difference) {
    let inputs = expected.inputs(of: graph), found = actual.inputs(of: other)
    try require(inputs.count, found.count, "numbers of inputs of a body")
    for (value, counterpart) in zip(inputs, found) { try pair(value, counterpart) }
    try compareContents(of: graph, with: other)
  }

  private mutating func compareContents(of graph: GraphID, with other: GraphID) throws(Difference) {
    let outputs = expected.outputs(of: graph), found = actual.outputs(of: other)
    try require(outputs.count, found.count, "numbers of outputs")
    for (value, counterpart) in zip(outputs, found) { try compare(value, counterpart) }
    try require(operators(of: graph, in: expected), operators(of: other, in: actual), "operators")
  }

  private func operators(of graph: GraphID, in model: Model) -> [String] {
    model.nodes(of: graph).map { model.operatorName(of: $0).description }.sorted()
  }

  // MARK: Values

  private mutating func compare(_ value: ValueID, _ counterpart: ValueID) throws(Difference) {
    if let known = counterparts[value] {
      if known != counterpart { throw differ(value, counterpart) }
      return
    }
    switch (expected.definition(of: value), actual.definition(of: counterpart)) {
    case (.input, .initializer) where isAnyConstant(value):
      guard let type = expected.type(of: value) else { break }
      try require("\(type)", actual.type(of: counterpart).map { "\($0)" } ?? "unknown", "types of constants")
    case (.initializer, .initializer):
      guard let tensor = expected.constant(value), let found = actual.constant(counterpart),
        numbers.agree(found, tensor)
      else { throw differ(value, counterpart) }
    case (.node(let node, let output), .node(let other, let otherOutput)) where output == otherOutput:
      try compare(node, other)
    default: throw differ(value, counterpart)
    }
    try pair(value, counterpart)
  }

  private mutating func pair(_ value: ValueID, _ counterpart: ValueID) throws(Difference) {
    if let origin = origins.updateValue(value, forKey: counterpart), origin != value {
      throw Difference(
        text: "\(actual.label(of: counterpart)) stands for \(expected.label(of: origin)) "
          + "and for \(expected.label(of: value))")
    }
    counterparts[value] = counterpart
  }

  private func isAnyConstant(_ value: ValueID) -> Bool {
    expected.isGraphInput(value) && anyConstants.contains(expected.name(of: value))
  }

  // MARK: Nodes

  private mutating func compare(_ node: NodeID, _ other: NodeID) throws(Difference) {
    let label = expected.label(of: node)
    try require(expected.operatorName(of: node), actual.operatorName(of: other), "operators")
    let inputs = withoutTrailingGaps(expected.inputs(of: node))
    let found = withoutTrailingGaps(actual.inputs(of: other))
    try require(inputs.count, found.count, "numbers of inputs of \(label)")
    for (input, counterpart) in zip(inputs, found) {
      switch (input, counterpart) {
      case (nil, nil): break
      case (let input?, let counterpart?): try compare(input, counterpart)
      default: throw Difference(text: "\(label) leaves out other inputs")
      }
    }
    try compareAttributes(of: node, with: other, label)
  }

  private func withoutTrailingGaps(_ inputs: [ValueID?]) -> ArraySlice<ValueID?> {
    inputs.prefix((inputs.lastIndex { $0 != nil } ?? -1) + 1)
  }

  private mutating func compareAttributes(
    of node: NodeID, with other: NodeID, _ label: String
  ) throws(Difference) {
    let attributes = expected.effectiveAttributes(of: node)
    let found = actual.effectiveAttributes(of: other)
    try require(attributes.map(\.name), found.map(\.name), "attributes of \(label)")
    for (attribute, counterpart) in zip(attributes, found) {
      guard numbers.agree(attribute.value, counterpart.value) else {
        throw Difference(text: "'\(attribute.name)' of \(label) has another value")
      }
      for (body, otherBody) in zip(attribute.value.bodies, counterpart.value.bodies) {
        try compareBodies(body, with: otherBody)
      }
    }
  }

  // MARK: Words

  private func differ(_ value: ValueID, _ counterpart: ValueID) -> Difference {
    Difference(text: "\(actual.label(of: counterpart)) stands where \(expected.label(of: value)) is expected")
  }

  private func require<Value: Equatable>(
    _ expected: Value, _ found: Value, _ what: String
  ) throws(Difference) {
    guard expected != found else { return }
    throw Difference(text: "\(what) differ: expected \(expected), found \(found)")
  }
}
