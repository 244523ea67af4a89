import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes what several nodes compute alike only once.
///
/// Nodes are alike that have the same operator, the same inputs, with the same ones left out, and the same
/// attributes, defaults filled in. A node of a body may give way to one of a graph around it, never the other
/// way round: a body may not run. Random operators, nodes with bodies, and operators without a schema stay.
struct EliminateCommonSubexpressions: Pass {
  static let summary = "f(x), f(x) → f(x)"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for graph in model.allGraphs where model.parent(of: graph) == nil {
      var scopes = Scopes()
      visit(graph, in: &model, &scopes)
    }
  }

  private func visit(_ graph: GraphID, in model: inout Model, _ scopes: inout Scopes) {
    scopes.enter()
    defer { scopes.leave() }
    for node in model.nodes(of: graph) where !model.isErased(node) {
      for body in model.bodies(of: node) { visit(body, in: &model, &scopes) }
      guard let key = Expression(of: node, in: model) else { continue }
      guard let earlier = scopes.node(like: node, key, in: model) else {
        scopes.add(node, key)
        continue
      }
      if Self.canReplace(node, by: earlier, in: model) { replace(node, by: earlier, in: &model) }
    }
  }

  /// An output that needs an `Identity` to carry its name gains nothing where the node is one.
  private static func canReplace(_ node: NodeID, by earlier: NodeID, in model: Model) -> Bool {
    zip(model.outputs(of: node), model.outputs(of: earlier)).allSatisfy { old, new in
      if let mine = model.type(of: old), let its = model.type(of: new), mine.contradicts(its) { return false }
      return model.operatorName(of: node) != OperatorName("Identity")
        || !model.needsIdentity(toReplace: old, with: new)
    }
  }

  private func replace(_ node: NodeID, by earlier: NodeID, in model: inout Model) {
    model.edit(as: Self.name) { rewriter in
      for (old, new) in zip(rewriter.model.outputs(of: node), rewriter.model.outputs(of: earlier)) {
        // Types were compared before.
        try? rewriter.replaceAllUses(of: old, with: new)
      }
      rewriter.eraseIfDead(node)
    }
  }

  static let given = "float[N, 4] x; const float[4, 4] w; bool c; const float low = {0.25}"

  static let examples: [Example] = [
    .rewrites(
      "a = Relu(x); b = Relu(x); g = Exp(a); h = Neg(b); y = Add(g, h)",
      to: "a = Relu(x); g = Exp(a); h = Neg(a); y = Add(g, h)"),
    .rewrites("a = MatMul(x, w); b = MatMul(x, w); y = Mul(a, b)", to: "a = MatMul(x, w); y = Mul(a, a)"),
    .rewrites(
      "a = LeakyRelu(x); b = LeakyRelu<alpha = 0.01>(x); y = Mul(a, b)", to: "a = LeakyRelu(x); y = Mul(a, a)"
    ),
    .rewrites(
      "a, p = Split<axis = 1, num_outputs = 2>(x); b, q = Split<axis = 1, num_outputs = 2>(x); y = Add(a, q); z = Mul(b, p)",
      to: "a, p = Split<axis = 1, num_outputs = 2>(x); y = Add(a, p); z = Mul(a, p)"),
    .keeps("a = LeakyRelu(x); b = LeakyRelu<alpha = 0.5>(x); y = Mul(a, b)", because: "attributes differ"),
    .keeps("a = Clip(x, low); b = Clip(x, , low); y = Mul(a, b)", because: "other inputs are left out"),
    .keeps("a = Sub(x, low); b = Sub(low, x); y = Mul(a, b)", because: "the order of inputs differs"),
    .keeps(
      "a = RandomNormalLike(x); b = RandomNormalLike(x); y = Sub(a, b)", because: "two draws differ",
      execution: .skipped),
  ]
}

/// What must be the same in nodes that are alike. Equal hashes of attributes leave a comparison to do.
private struct Expression: Hashable {
  let op: OperatorID
  let inputs: [ValueID?]
  let omittedOutputs: [Bool]
  let attributeHash: Int

  /// Nil for nodes that are not to be merged.
  init?(of node: NodeID, in model: Model) {
    guard model.bodies(of: node).isEmpty, model.isDeterministic(node) else { return nil }
    op = model.operatorID(of: node)
    var inputs = model.inputs(of: node)
    while let last = inputs.last, last == nil { inputs.removeLast() }
    self.inputs = inputs
    omittedOutputs = model.outputs(of: node).map { model.isOmitted($0) }
    attributeHash = model.attributeHash(of: node)
  }
}

/// The nodes that were met, from the outermost graph in.
private struct Scopes {
  private var scopes: [[Expression: [NodeID]]] = []

  mutating func enter() { scopes.append([:]) }

  mutating func leave() { scopes.removeLast() }

  mutating func add(_ node: NodeID, _ key: Expression) {
    scopes[scopes.count - 1][key, default: []].append(node)
  }

  func node(like node: NodeID, _ key: Expression, in model: Model) -> NodeID? {
    for scope in scopes {
      if let found = scope[key]?.first(where: { haveSameAttributes($0, node, in: model) }) { return found }
    }
    return nil
  }

  private func haveSameAttributes(_ a: NodeID, _ b: NodeID, in model: Model) -> Bool {
    let mine = model.effectiveAttributes(of: a)
    let its = model.effectiveAttributes(of: b)
    return mine.count == its.count
      && zip(mine, its).allSatisfy { $0.name == $1.name && $0.value.isIdentical(to: $1.value) }
  }
}
