import GraphIR
import PassPipeline
import Rewriting

/// Replaces each call of one of the model's functions by the function's nodes, inner calls first, so that rules can
/// reach them; functions that nothing calls any more are removed.
///
/// A function stays where it calls itself, where its operators mean other things than in the caller (versions that
/// have the same schema mean the same), and where it defines an operator that runtimes have a kernel for. Attributes
/// that a call leaves out have the function's default, or are left out inside as well.
struct InlineFunctions: Pass {
  static let summary = "f(x) → the nodes of the model's function f"
  static let exactness = Exactness.bitwise

  struct Options: PassOptions {
    /// How many nodes inlining may add: functions that call each other twice grow exponentially.
    var growth = 200_000
    /// How deep bodies may lie in each other afterwards. Other readers give up at about 30.
    var depth = 16
  }

  var options = Options()

  func run(on model: inout Model, in context: inout PassContext) throws {
    var growth = 0
    // What calls in copies pass on may be known only then: a few rounds, since functions seldom lie deep.
    for _ in 0..<8 where !model.functions.isEmpty {
      let edition = model.edition
      try inlineCalls(in: &model, &growth, context: &context)
      if model.edition == edition { return }
    }
  }

  private func inlineCalls(in model: inout Model, _ growth: inout Int, context: inout PassContext) throws {
    let calls = CallGraph(of: model)
    for function in calls.calleesFirst where OperatorSchema.newest(model.name(of: function)) == nil {
      let extent = model.extent(of: model.graph(of: function))
      var isGone = true
      for call in calls.calls[function] ?? [] {
        let isTooLarge = growth + extent.nodes > options.growth
        if isTooLarge { context.note("\(model.name(of: function)) stays: the model would become too large") }
        let depth = model.depth(of: model.graph(of: call)) + extent.depth
        if !isTooLarge, depth <= options.depth, try Self.inline(call, of: function, in: &model) {
          growth += extent.nodes
        } else {
          isGone = false
        }
      }
      if isGone { model.edit(as: Self.name) { $0.eraseFunction(function) } }
    }
  }

  /// Whether it was possible.
  private static func inline(_ call: NodeID, of function: FunctionID, in model: inout Model) throws -> Bool {
    let graph = model.graph(of: function)
    var arguments = model.inputs(of: call)
    let left = model.inputs(of: graph).count - arguments.count
    guard left >= 0, let attributes = model.attributeValues(of: call, calling: function),
      let imports = model.imports(toMove: graph, to: model.root(of: model.graph(of: call)))
    else { return false }
    arguments += [ValueID?](repeating: nil, count: left)
    guard model.canInline(graph, arguments: arguments),
      model.agree(model.outputs(of: call), model.results(of: graph, arguments: arguments))
    else { return false }
    try model.edit(as: name) { rewriter in
      let root = rewriter.model.root(of: rewriter.model.graph(of: call))
      for added in imports { rewriter.setOpset(added.version, of: added.domain, under: root) }
      let body = rewriter.copy(graph, attributes: attributes)
      try rewriter.replace(call, by: rewriter.inline(body, arguments: arguments, before: call))
    }
    return true
  }

  static let given = "float[2, 3] x"

  static let examples: [Example] = [
    .keeps("y = Relu(x)", because: "nothing is called"),
    .keeps("h = Exp(x); y = Neg(h)", because: "nothing is called"),
  ]
}

/// Which nodes call which functions.
private struct CallGraph {
  private(set) var calls: [FunctionID: [NodeID]] = [:]
  /// Callees before callers. Functions that call themselves are left out, and those that call such functions.
  private(set) var calleesFirst: [FunctionID] = []

  init(of model: Model) {
    var callers: [FunctionID: [FunctionID]] = [:]
    var openCalls: [FunctionID: Int] = [:]
    for node in model.allNodes {
      guard let callee = model.function(named: model.operatorName(of: node)) else { continue }
      calls[callee, default: []].append(node)
      guard case .function(let caller) = model.kind(of: model.root(of: model.graph(of: node))) else {
        continue
      }
      callers[callee, default: []].append(caller)
      openCalls[caller, default: 0] += 1
    }
    calleesFirst = model.functions.filter { openCalls[$0] == nil }
    var next = 0
    while next < calleesFirst.count {
      for caller in callers[calleesFirst[next]] ?? [] {
        openCalls[caller, default: 0] -= 1
        if openCalls[caller] == 0 { calleesFirst.append(caller) }
      }
      next += 1
    }
  }
}
