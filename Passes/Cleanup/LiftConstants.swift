import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Makes an initializer of each `Constant` node, so that later passes meet constants in one form, and weights
/// can be shared, deduplicated and mapped.
///
/// Those stay that a graph returns, since an initializer cannot; sparse ones; and those in functions, which
/// have no initializers.
struct LiftConstants: Pass {
  static let summary = "Constant → initializer"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.allNodes where Self.isLiftable(node, in: model) {
      guard let output = model.output(0, of: node), let tensor = model.constant(output) else { continue }
      try model.edit(as: Self.name) { rewriter in
        let name = rewriter.model.name(of: output)
        let value = rewriter.addConstant(tensor, name: name, in: rewriter.model.graph(of: node))
        try rewriter.replaceAllUses(of: output, with: value)
        rewriter.eraseIfDead(node)
      }
    }
  }

  private static func isLiftable(_ node: NodeID, in model: Model) -> Bool {
    guard model.operatorName(of: node) == OperatorName("Constant"), let output = model.output(0, of: node)
    else {
      return false
    }
    if case .function = model.kind(of: model.root(of: model.graph(of: node))) { return false }
    return model.hasUses(output) && !model.isGraphOutput(output) && isUndisputed(output, in: model)
  }

  /// Whether the declared type, if there is one, is that of the tensor.
  private static func isUndisputed(_ value: ValueID, in model: Model) -> Bool {
    guard let type = model.type(of: value), let tensor = model.constant(value) else { return true }
    return !type.contradicts(.tensor(tensor.type))
  }

  static let given = "float[N, 2] x; bool c"

  static let examples: [Example] = [
    .rewrites("k = Constant<value = float[2] {1, 2}>(); y = Add(x, k)", to: "y = Add(x, k_1)"),
    .rewrites("k = Constant<value_float = 2.0>(); y = Mul(x, k)", to: "y = Mul(x, k_1)"),
    .keeps("k = Constant<value = float {1}>(); y = Relu(x)", because: "the graph returns the constant"),
  ]
}
