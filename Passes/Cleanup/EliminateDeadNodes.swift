import GraphIR
import PassPipeline
import Rewriting

/// Removes what no output depends on: nodes, in bodies and functions too, then initializers that nothing
/// reads, then functions that nothing calls. Inputs stay, since callers give them, with their defaults.
struct EliminateDeadNodes: Pass {
  static let summary = "removes nodes, initializers and functions that no output depends on"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    let dead = model.allNodes.reversed().filter { model.isDead($0) }
    let functions = Self.uncalledFunctions(of: model)
    if !dead.isEmpty || !functions.isEmpty {
      model.edit(as: Self.name) { rewriter in
        for node in dead { rewriter.eraseIfDead(node) }
        for function in functions { rewriter.eraseFunction(function) }
      }
    }
    let unused = Self.unusedInitializers(of: model)
    guard !unused.isEmpty else { return }
    model.edit(as: Self.name) { rewriter in
      for value in unused { rewriter.eraseUnused(value) }
    }
  }

  private static func unusedInitializers(of model: Model) -> [ValueID] {
    model.allGraphs.flatMap { model.initializers(of: $0) }.filter { !model.hasUses($0) }
  }

  /// Functions that cannot be reached by calls from the main graph.
  private static func uncalledFunctions(of model: Model) -> [FunctionID] {
    guard !model.functions.isEmpty else { return [] }
    var calls: [GraphID: [FunctionID]] = [:]
    for node in model.allNodes {
      guard let function = model.function(named: model.operatorName(of: node)) else { continue }
      calls[model.root(of: model.graph(of: node)), default: []].append(function)
    }
    var called: Set<FunctionID> = []
    var pending = [model.mainGraph]
    while let graph = pending.popLast() {
      for function in calls[graph] ?? [] where called.insert(function).inserted {
        pending.append(model.graph(of: function))
      }
    }
    return model.functions.filter { !called.contains($0) }
  }

  static let given = "float[N, 4] x; const float[4] w"

  static let examples: [Example] = [
    .rewrites("h = Add(x, w); y = Relu(x); return y", to: "y = Relu(x)"),
    .rewrites(
      "a = Relu(x); b = Neg(a); c = Exp(b); y = Sigmoid(a); return y", to: "a = Relu(x); y = Sigmoid(a)"),
    .keeps("h = Relu(x); y = Sigmoid(h)", because: "all nodes are read"),
    .keeps("h = Relu(x); y = Sigmoid(h); return y, h", because: "the graph returns both"),
  ]
}
