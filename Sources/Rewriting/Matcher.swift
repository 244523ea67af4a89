import GraphIR
import TensorCore

/// Matches a pattern against the nodes above and including a root. It reads the model and never edits it.
struct Matcher {
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
    case .node(let term): return matchNode(term, root)
    case .either(let terms): return matchFirst(of: terms) { $0.match($1, root: root) }
    default: return false
    }
  }

  // MARK: Values

  private mutating func match(_ term: Term, _ value: ValueID?) -> Bool {
    switch term.kind {
    case .absent:
      return value == nil
    case .optionalConstant(let variable):
      guard let value else { return true }
      return bindConstant(variable.name, value)
    case .variable(let variable):
      return bind(variable.name, value)
    case .constant(let variable):
      return bindConstant(variable.name, value)
    case .number(let number):
      return isConstant(value, equalTo: number)
    case .either(let terms):
      return matchFirst(of: terms) { $0.match($1, value) }
    case .node(let node):
      return matchProducer(of: value, node)
    case .tensor, .value, .variadic:
      return false
    }
  }

  private mutating func matchFirst(
    of terms: [Term], _ attempt: (inout Matcher, Term) -> Bool
  ) -> Bool {
    let before = bindings
    for term in terms {
      if attempt(&self, term) { return true }
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
  private mutating func matchProducer(of value: ValueID?, _ term: NodeTerm) -> Bool {
    guard let value, case .node(let node, let output) = model.definition(of: value),
      output == term.output, model.graph(of: node) == graph
    else { return false }
    if term.capture?.isExclusive == true, !isReadOnce(node, output: value) { return false }
    return matchNode(term, node)
  }

  private func isReadOnce(_ node: NodeID, output value: ValueID) -> Bool {
    model.hasOneUse(value)
      && model.outputs(of: node).allSatisfy { $0 == value || !model.hasUses($0) }
  }

  private mutating func matchNode(_ term: NodeTerm, _ node: NodeID) -> Bool {
    guard model.operatorName(of: node) == term.op, hasAttributes(node, term.attributes),
      !model.hasNoNewestForm(node)
    else { return false }
    if let capture = term.capture {
      guard bindings.nodes[capture.name].map({ $0 == node }) ?? true else { return false }
      bindings.nodes[capture.name] = node
    }
    let inputs = model.inputs(of: node)
    let before = bindings
    if matchInputs(term.inputs, inputs) { return true }
    guard term.isCommuting, inputs.count == 2 else { return false }
    bindings = before
    return matchInputs(term.inputs, inputs.reversed())
  }

  private mutating func matchInputs(_ terms: [Term], _ inputs: [ValueID?]) -> Bool {
    for (index, term) in terms.enumerated() {
      if case .variadic(let variadic) = term.kind {
        bindings.lists[variadic.name] = Array(inputs.dropFirst(index))
        return true
      }
      guard match(term, index < inputs.count ? inputs[index] : nil) else { return false }
    }
    // What the pattern does not name must be left out.
    return inputs.dropFirst(terms.count).allSatisfy { $0 == nil }
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
