import GraphIR
import PassPipeline
import Rewriting

/// Takes results out of `If` that nothing reads, or that both branches take from around as they are.
struct TrimBranches: Pass {
  static let summary = "results that nothing reads, or that are the same in both branches, leave If"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.nodes(withOperators: ["If"]) where !model.isErased(node) && !model.isDead(node) {
      let outputs = model.outputs(of: node)
      let branches = ["then_branch", "else_branch"].compactMap { model.body($0, of: node) }
      guard branches.count == 2, branches.allSatisfy({ model.outputs(of: $0).count == outputs.count })
      else { continue }
      let common = outputs.indices.map { Self.commonValue(of: branches, at: $0, for: outputs[$0], in: model) }
      let kept = outputs.indices.filter { common[$0] == nil && model.hasUses(outputs[$0]) }
      guard kept.count < outputs.count, Self.agree(outputs, common, in: model) else { continue }
      try model.edit(as: Self.name) { rewriter in
        for case (let output, let value?) in zip(outputs, common) {
          try rewriter.replaceAllUses(of: output, with: value)
        }
        guard !kept.isEmpty else { return rewriter.erase(node) }
        for branch in branches { rewriter.keepOutputs(kept, of: branch) }
        try rewriter.replace(
          node, inputs: rewriter.model.inputs(of: node), attributes: rewriter.model.attributes(of: node),
          keepingOutputs: kept)
      }
    }
  }

  /// Whether the common values may stand for the outputs all at once.
  private static func agree(_ outputs: [ValueID], _ common: [ValueID?], in model: Model) -> Bool {
    let replaced = outputs.indices.filter { common[$0] != nil }
    return model.agree(replaced.map { outputs[$0] }, replaced.map { common[$0] })
  }

  /// The value from around that both branches return, perhaps through `Identity`.
  private static func commonValue(
    of branches: [GraphID], at index: Int, for output: ValueID, in model: Model
  ) -> ValueID? {
    let values = branches.map { branch in model.source(of: model.outputs(of: branch)[index]) }
    guard values[0] == values[1], !branches.contains(model.graph(of: values[0])), model.hasUses(output)
    else { return nil }
    return values[0]
  }

  static let given = "float[2, 3] x; bool c"

  static let examples: [Example] = [
    .rewrites(
      """
      h, g = If(c) <
        then_branch = t () => (a, d) { a = Relu(x) d = Exp(x) },
        else_branch = e () => (b, f) { b = Neg(x) f = Abs(b) }>;
      y = Exp(h); return y
      """,
      to: """
        h = If(c) <then_branch = t () => (a) { a = Relu(x) }, else_branch = e () => (b) { b = Neg(x) }>; y = Exp(h)
        """),
    .rewrites(
      """
      h, g = If(c) <
        then_branch = t () => (a, d) { a = Relu(x) d = Identity(x) },
        else_branch = e () => (b, f) { b = Neg(x) f = Identity(x) }>;
      y = Mul(h, g)
      """,
      to: """
        h = If(c) <then_branch = t () => (a) { a = Relu(x) }, else_branch = e () => (b) { b = Neg(x) }>;
        y = Mul(h, x)
        """),
    .rewrites(
      """
      h = If(c) <then_branch = t () => (d) { d = Identity(x) }, else_branch = e () => (f) { f = Identity(x) }>;
      y = Exp(h)
      """, to: "y = Exp(x)"),
    .keeps(
      """
      y, z = If(c) <
        then_branch = t () => (a, d) { a = Relu(x) d = Exp(x) },
        else_branch = e () => (b, f) { b = Neg(x) f = Abs(b) }>
      """, because: "both are results"),
    .keeps(
      """
      y = If(c) <then_branch = t () => (d) { d = Identity(x) }, else_branch = e () => (f) { f = Neg(x) }>
      """, because: "the branches return different values"),
    .keeps(
      """
      y = If(c) <then_branch = t () => (d) { d = RandomNormalLike(x) },
        else_branch = e () => (f) { f = RandomNormalLike(x) }>
      """, because: "the branches return values of their own", execution: .skipped),
  ]
}
