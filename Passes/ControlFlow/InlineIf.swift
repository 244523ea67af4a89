import GraphIR
import PassPipeline
import Rewriting

/// Replaces an `If` by the branch that it always takes: its condition is constant, or both branches compute the
/// same.
///
/// Besides what it saves, this keeps models loadable: runtimes infer shapes in both branches, and one that is never
/// taken may not fit sizes that other passes have found. Branches with sparse initializers stay.
struct InlineIf: Pass {
  static let summary = "If(constant) → the branch; If with equal branches → the branch"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    // Outer ones first: those in a branch that is never taken are gone then.
    for node in model.nodes(withOperators: ["If"]) where !model.isErased(node) {
      guard let branch = Self.onlyBranch(of: node, in: model), model.canInline(branch),
        model.agree(model.outputs(of: node), model.outputs(of: branch))
      else { continue }
      try model.edit(as: Self.name) { rewriter in
        try rewriter.replace(node, by: rewriter.inline(branch, before: node))
      }
    }
  }

  private static func onlyBranch(of node: NodeID, in model: Model) -> GraphID? {
    guard let then = model.body("then_branch", of: node), let otherwise = model.body("else_branch", of: node)
    else { return nil }
    if let condition = model.input(0, of: node).flatMap({ model.constant($0)?.uniformValue }) {
      return condition != 0 ? then : otherwise
    }
    return model.areEqual(then, otherwise) ? then : nil
  }

  static let given = "float[N, 3] x; bool c; const bool yes = {1}; const bool no = {0}; const float two = {2}"

  static let examples: [Example] = [
    .rewrites(
      "y = If(yes) <then_branch = t () => (u) { u = Relu(x) }, else_branch = e () => (w) { w = Neg(x) }>",
      to: "y = Relu(x)"),
    .rewrites(
      "h = Exp(x); y = If(no) <then_branch = t () => (u) { u = Relu(h) }, else_branch = e () => (w) { w = Mul(x, two) }>",
      to: "y = Mul(x, two)"),
    .rewrites(
      """
      y = If(c) <
        then_branch = t () => (u) { a = Exp(x) u = Mul(a, two) },
        else_branch = e () => (w) { b = Exp(x) w = Mul(b, two) }>
      """, to: "a = Exp(x); y = Mul(a, two)"),
    .rewrites(
      """
      h, g = If(no) <
        then_branch = t () => (a, d) { a = Relu(x) d = Identity(x) },
        else_branch = e () => (b, f) { b = Neg(x) f = Abs(b) }>;
      y = Exp(h); u = Exp(g)
      """, to: "b = Neg(x); f = Abs(b); y = Exp(b); u = Exp(f)"),
    .keeps(
      "y = If(c) <then_branch = t () => (u) { u = Relu(x) }, else_branch = e () => (w) { w = Neg(x) }>",
      because: "the condition is computed"),
    .keeps(
      """
      y = If(c) <
        then_branch = t () => (u) { a = Exp(x) u = Sub(a, x) },
        else_branch = e () => (w) { b = Exp(x) w = Sub(x, b) }>
      """, because: "branches differ"),
    .keeps(
      """
      y = If(c) <
        then_branch = t () => (u) { u = RandomNormalLike(x) },
        else_branch = e () => (w) { w = RandomNormalLike(x) }>
      """, because: "every run of a branch draws others", execution: .skipped),
  ]
}
