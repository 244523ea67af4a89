import GraphIR
import PassPipeline
import Rewriting

/// Replaces an `If` whose condition is constant by the nodes of the branch that it takes.
///
/// Besides what it saves, this keeps models loadable: runtimes infer shapes in both branches, and one that is never
/// taken may not fit sizes that other passes have found.
struct InlineConstantIf: Pass {
  static let summary = "If(true) {a} {b} → a"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    // Outer ones first: those in a branch that is never taken are gone then.
    for node in model.allNodes where !model.isErased(node) {
      guard let branch = Self.takenBranch(of: node, in: model), Self.hasTypesThatFit(node, branch, in: model)
      else { continue }
      try model.edit(as: Self.name) { rewriter in
        let results = try rewriter.inline(branch, before: node)
        for (output, result) in zip(rewriter.model.outputs(of: node), results) {
          try rewriter.replaceAllUses(of: output, with: result)
        }
        rewriter.erase(node)
      }
    }
  }

  private static func takenBranch(of node: NodeID, in model: Model) -> GraphID? {
    guard model.operatorName(of: node) == OperatorName("If"),
      let condition = model.input(0, of: node).flatMap({ model.constant($0) })?.uniformValue
    else { return nil }
    let name = condition != 0 ? "then_branch" : "else_branch"
    guard let branch = model.attribute(name, of: node)?.bodies.first, model.inputs(of: branch).isEmpty,
      model.initializers(of: branch).allSatisfy({ model.denseTensor(of: $0) != nil })
    else { return nil }
    return branch
  }

  private static func hasTypesThatFit(_ node: NodeID, _ branch: GraphID, in model: Model) -> Bool {
    let (outputs, results) = (model.outputs(of: node), model.outputs(of: branch))
    return outputs.count == results.count
      && zip(outputs, results).allSatisfy { output, result in
        guard let a = model.type(of: output), let b = model.type(of: result) else { return true }
        return !a.contradicts(b)
      }
  }

  static let given = "float[N, 2] x, z; const bool on = {1}; const bool[1] off = {0}; bool c"

  static let examples: [Example] = [
    .rewrites(
      "h = If(on)<then_branch = t() => (a) { a = Relu(x) }, else_branch = e() => (b) { b = Neg(x) }>; y = Exp(h)",
      to: "a = Relu(x); y = Exp(a)"),
    .rewrites(
      """
      h, g = If(off)<then_branch = t() => (a, d) { a = Relu(x) d = Identity(x) },
        else_branch = e() => (b, f) { b = Neg(x) f = Abs(b) }>;
      y = Exp(h); u = Exp(g)
      """, to: "b = Neg(x); f = Abs(b); y = Exp(b); u = Exp(f)"),
    .keeps(
      "y = If(c)<then_branch = t() => (a) { a = Relu(x) }, else_branch = e() => (b) { b = Neg(x) }>",
      because: "the condition is computed"),
  ]
}
