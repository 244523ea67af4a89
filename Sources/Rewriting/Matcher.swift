import GraphIR
import TensorCore

/// Matches a pattern against the nodes above and including a root. It reads the model and never edits it.
///
/// Matching goes on with what remains of the pattern (`rest`) before it settles a choice between alternatives
/// or orders of inputs, and takes the next choice where the rest does not match.
struct Matcher {
  typealias Rest = (inout Matcher) -> Bool

  let model: Model
  let graph: GraphID
  private(set) var bindings = Bindings()

  init(model: Model, root: NodeID) {
    self.model = model
    graph = model.graph(of: root)
  }

  /// Whether `pattern` matches at `root`; then the bindings are set.
  mutating func match(_ pattern: Term, root: NodeID) -> Bool {
    switch pattern.kind {
    case .node(let term): matchNode(term, root) { _ in true }
    case .either(let terms): matchFirst(of: terms) { $0.match($1, root: root) }
    default: false
    }
  }

  // MARK: Values

  private mutating func match(_ term: Term, _ value: ValueID?, then rest: Rest) -> Bool {
    switch term.kind {
    case .absent:
      value == nil && rest(&self)
    case .optionalConstant(let variable):
      (value == nil || bindConstant(variable.name, value)) && rest(&self)
    case .variable(let variable):
      bind(variable.name, value) && rest(&self)
    case .constant(let variable):
      bindConstant(variable.name, value) && rest(&self)
    case .number(let number):
      isConstant(value, equalTo: number) && rest(&self)
    case .either(let terms):
      matchFirst(of: terms) { $0.match($1, value, then: rest) }
    case .node(let node):
      matchProducer(of: value, node, then: rest)
    case .tensor, .value, .variadic:
      false
    }
  }

  private mutating func matchFirst<Choice>(
    of choices: [Choice], _ attempt: (inout Matcher, Choice) -> Bool
  ) -> Bool {
    let before = bindings
    for choice in choices {
      if attempt(&self, choice) { return true }
      bindings = before
    }
    return false
  }

  private mutating func bind(_ name: String, _ value: ValueID?) -> Bool {
    guard let value else { return false }
    guard let bound = bindings.values[name] else {
      bindings.values[name] = value
      return true
    }
    return bound == value
  }

  private mutating func bindConstant(_ name: String, _ value: ValueID?) -> Bool {
    guard let value, let tensor = model.constant(value) else { return false }
    guard let bound = bindings.values[name] else {
      bindings.values[name] = value
      return true
    }
    return bound == value || model.constant(bound)?.isIdentical(to: tensor) == true
  }

  private func isConstant(_ value: ValueID?, equalTo number: Double) -> Bool {
    guard let value, let uniform = model.constant(value)?.uniformValue else { return false }
    return uniform == number
  }

  // MARK: Nodes

  /// Nodes of outer graphs are not matched: replacing them from within a loop would repeat their work.
  private mutating func matchProducer(of value: ValueID?, _ term: NodeTerm, then rest: Rest) -> Bool {
    guard let value, case .node(let node, let output) = model.definition(of: value),
      output == term.output, model.graph(of: node) == graph
    else { return false }
    if term.capture?.isExclusive == true, !isReadOnce(node, output: value) { return false }
    return matchNode(term, node, then: rest)
  }

  private func isReadOnce(_ node: NodeID, output value: ValueID) -> Bool {
    model.hasOneUse(value)
      && model.outputs(of: node).allSatisfy { $0 == value || !model.hasUses($0) }
  }

  private mutating func matchNode(_ term: NodeTerm, _ node: NodeID, then rest: Rest) -> Bool {
    guard model.operatorName(of: node) == term.op, hasAttributes(node, term.attributes),
      !model.hasNoNewestForm(node)
    else { return false }
    if let capture = term.capture {
      guard bindings.nodes[capture.name].map({ $0 == node }) ?? true else { return false }
      bindings.nodes[capture.name] = node
    }
    bindings.matched.insert(node)
    let inputs = model.inputs(of: node)
    guard term.isCommuting, inputs.count == 2 else {
      return matchInputs(term.inputs[...], inputs[...], then: rest)
    }
    return matchFirst(of: [inputs, inputs.reversed()]) { matcher, inputs in
      matcher.matchInputs(term.inputs[...], inputs[...], then: rest)
    }
  }

  private mutating func matchInputs(
    _ terms: ArraySlice<Term>, _ inputs: ArraySlice<ValueID?>, then rest: Rest
  ) -> Bool {
    guard let term = terms.first else {
      // What the pattern does not name must be left out.
      return inputs.allSatisfy { $0 == nil } && rest(&self)
    }
    if case .variadic(let variadic) = term.kind {
      bindings.lists[variadic.name] = Array(inputs)
      return rest(&self)
    }
    return match(term, inputs.first ?? nil) {
      $0.matchInputs(terms.dropFirst(), inputs.dropFirst(), then: rest)
    }
  }

  private func hasAttributes(_ node: NodeID, _ required: AttributeList) -> Bool {
    required.attributes.allSatisfy { attribute in
      let view = NodeView(model: model, node: node)
      return switch attribute.value {
      case .int(let value): (try? view.int(attribute.name)) == Int(value)
      case .float(let value): (try? view.float(attribute.name)) == Double(value)
      case .string(let value): (try? view.string(attribute.name)) == value.text
      case .ints(let values): (try? view.ints(attribute.name)) == values.map(Int.init)
      default: false
      }
    }
  }
}
