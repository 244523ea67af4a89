import GraphIR

/// What operator names alone say about patterns. Most attempts to match fail at a name, and these are found here by
/// comparing numbers, without bindings: what a sketch refuses, the `Matcher` would refuse; what it lets pass may still
/// not match.
///
/// All terms of all patterns lie in one array, the inputs of each in a row.
struct PatternSketches: Sendable {
  private enum Kind {
    case anything, leftOut, value, constant, either, node
  }

  private struct Step {
    var kind: Kind
    /// Of a node: the number of its operator, and which of its outputs it is.
    var op: Int32 = 0
    var output: Int32 = 0
    var isCommuting = false
    /// Whether any inputs may follow those that are named.
    var isOpen = false
    /// A node's inputs, or the alternatives.
    var children: Range<Int32> = 0..<0
  }

  private var steps: [Step] = []
  private var numbers: [OperatorName: Int32] = [PatternSketches.constantName: PatternSketches.constantNumber]

  private static let constantName = OperatorName("Constant")
  private static let constantNumber: Int32 = 0

  /// Adds a pattern, and returns the place of its sketch.
  mutating func add(_ pattern: Term) -> Int32 {
    let place = Int32(steps.count)
    steps.append(Step(kind: .anything))
    fill(place, with: pattern)
    return place
  }

  private mutating func fill(_ place: Int32, with term: Term) {
    switch term.kind {
    case .absent: steps[Int(place)].kind = .leftOut
    case .variable: steps[Int(place)].kind = .value
    case .constant, .number: steps[Int(place)].kind = .constant
    case .optionalConstant, .variadic, .tensor, .value: break
    case .either(let terms):
      steps[Int(place)] = Step(kind: .either, children: add(terms))
    case .node(let node):
      var step = Step(kind: .node, op: number(of: node.op), output: Int32(node.output))
      step.isCommuting = node.isCommuting
      let named = node.inputs.prefix { if case .variadic = $0.kind { false } else { true } }
      step.isOpen = named.count < node.inputs.count
      step.children = add(Array(named))
      steps[Int(place)] = step
    }
  }

  private mutating func add(_ terms: [Term]) -> Range<Int32> {
    let first = Int32(steps.count)
    steps += terms.map { _ in Step(kind: .anything) }
    for (offset, term) in terms.enumerated() { fill(first + Int32(offset), with: term) }
    return first..<first + Int32(terms.count)
  }

  private mutating func number(of name: OperatorName) -> Int32 {
    if let known = numbers[name] { return known }
    let new = Int32(numbers.count)
    numbers[name] = new
    return new
  }
}

extension PatternSketches {
  /// The numbers of a model's operators, by their handles; -1 for those that no pattern names.
  struct Numbering {
    fileprivate var numbers: [Int32] = []

    init() {}
  }

  /// Takes in operators that the model has got since.
  func extend(_ numbering: inout Numbering, by model: Model) {
    for index in numbering.numbers.count..<model.namedOperatorCount {
      numbering.numbers.append(numbers[model.operatorName(OperatorID(rawValue: UInt32(index)))] ?? -1)
    }
  }

  /// Whether the pattern whose sketch lies at `place` may match at `root`. The numbering must be up to date.
  func mayMatch(_ place: Int32, at root: NodeID, in model: Model, _ numbering: Numbering) -> Bool {
    let step = steps[Int(place)]
    switch step.kind {
    case .node: return mayMatch(step, root, model, numbering)
    case .either: return step.children.contains { mayMatch($0, at: root, in: model, numbering) }
    default: return false
    }
  }

  private func mayMatch(_ step: Step, _ node: NodeID, _ model: Model, _ numbering: Numbering) -> Bool {
    guard numbering.numbers[model.operatorID(of: node).index] == step.op else { return false }
    let count = model.inputCount(of: node)
    if step.isCommuting, count == 2, inputsMayMatch(step, node, count, isReversed: true, model, numbering) {
      return true
    }
    return inputsMayMatch(step, node, count, isReversed: false, model, numbering)
  }

  private func inputsMayMatch(
    _ step: Step, _ node: NodeID, _ count: Int, isReversed: Bool, _ model: Model, _ numbering: Numbering
  ) -> Bool {
    let named = step.children.count
    for index in 0..<max(named, step.isOpen ? 0 : count) {
      let value = model.input(isReversed ? count - 1 - index : index, of: node)
      // What the pattern does not name must be left out.
      guard index < named else {
        if value != nil { return false }
        continue
      }
      let child = step.children.lowerBound + Int32(index)
      guard mayMatch(child, value, model, numbering) else { return false }
    }
    return true
  }

  private func mayMatch(_ place: Int32, _ value: ValueID?, _ model: Model, _ numbering: Numbering) -> Bool {
    let step = steps[Int(place)]
    switch step.kind {
    case .anything: return true
    case .leftOut: return value == nil
    case .value: return value != nil
    case .constant: return value.map { mayBeConstant($0, model, numbering) } ?? false
    case .either: return step.children.contains { mayMatch($0, value, model, numbering) }
    case .node:
      guard let value, case .node(let node, let output) = model.definition(of: value),
        output == Int(step.output)
      else { return false }
      return mayMatch(step, node, model, numbering)
    }
  }

  private func mayBeConstant(_ value: ValueID, _ model: Model, _ numbering: Numbering) -> Bool {
    guard case .node(let node, _) = model.definition(of: value) else { return true }
    return numbering.numbers[model.operatorID(of: node).index] == Self.constantNumber
  }
}
