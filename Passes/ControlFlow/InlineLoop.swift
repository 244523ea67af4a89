import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Replaces a `Loop` that runs once by its body, and one that never runs by what it starts with.
///
/// How often it runs has to be known: from constants for the trip count and the first condition, and from a
/// condition that the body computes as a constant. A loop that never runs keeps scan outputs that are read where
/// their element type or sizes are unknown, since they are empty tensors.
struct InlineLoop: Pass {
  static let summary = "Loop that runs at most once → its body, or nothing"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.nodes(withOperators: ["Loop"]) where !model.isErased(node) {
      guard let body = model.body("body", of: node), let runs = Self.runs(of: node, body, in: model)
      else { continue }
      if runs == 0 {
        try Self.replaceByStart(node, in: &model)
      } else {
        try Self.replaceByBody(node, body, in: &model)
      }
    }
  }

  /// 0 or 1; nil for more, or where it is not known.
  private static func runs(of node: NodeID, _ body: GraphID, in model: Model) -> Int? {
    let count = model.input(0, of: node), condition = model.input(1, of: node)
    let knownCount = count.flatMap { model.constantNumber($0) }
    let knownCondition = condition.flatMap { model.constantNumber($0) }
    if let knownCount, knownCount <= 0 { return 0 }
    if knownCondition == 0 { return 0 }
    guard condition == nil || knownCondition != nil else { return nil }
    if knownCount == 1 { return 1 }
    // Without a first condition, the one that the body computes is ignored by the standard, but not by runtimes.
    guard condition != nil, count == nil || knownCount != nil, let next = model.outputs(of: body).first
    else { return nil }
    return model.constantNumber(next) == 0 ? 1 : nil
  }

  // MARK: Never

  private static func replaceByStart(_ node: NodeID, in model: inout Model) throws {
    let initial = model.inputs(of: node).dropFirst(2)
    let scans = model.outputs(of: node).dropFirst(initial.count)
    let empty = scans.map { model.hasUses($0) ? emptyTensor($0, in: model) : nil }
    guard zip(scans, empty).allSatisfy({ !model.hasUses($0) || $1 != nil }),
      model.agree(Array(model.outputs(of: node).prefix(initial.count)), Array(initial))
    else { return }
    try model.edit(as: name) { rewriter in
      let graph = rewriter.model.graph(of: node)
      let constants = empty.map { tensor in tensor.map { rewriter.addConstant($0, in: graph) } }
      try rewriter.replace(node, by: initial + constants)
    }
  }

  private static func emptyTensor(_ value: ValueID, in model: Model) -> Tensor? {
    guard let type = model.elementType(of: value), type != .string,
      let sizes = model.shape(of: value)?.dimensions.dropFirst().map(\.fixedSize), !sizes.contains(nil)
    else { return nil }
    return try? Tensor(type, [0] + sizes.compactMap { $0 }) { _ in }
  }

  // MARK: Once

  private static func replaceByBody(_ node: NodeID, _ body: GraphID, in model: inout Model) throws {
    let initial = Array(model.inputs(of: node).dropFirst(2))
    let outputs = model.outputs(of: node), inputs = model.inputs(of: body)
    // The iteration number and the condition are made later; until then they stand for themselves.
    let arguments = inputs.prefix(2).map { Optional($0) } + initial
    guard hasExpectedCounters(body, in: model), !initial.contains(nil),
      model.outputs(of: body).count == outputs.count + 1, model.canInline(body, arguments: arguments)
    else { return }
    let results = model.results(of: body, arguments: arguments).dropFirst()
    guard model.agree(Array(outputs.prefix(initial.count)), Array(results.prefix(initial.count))) else {
      return
    }
    let read = outputs.indices.filter { model.hasUses(outputs[$0]) }
    try model.edit(as: name) { rewriter in
      rewriter.keepOutputs(read.map { $0 + 1 }, of: body)
      let counters = try inputs.prefix(2).enumerated().map { try rewriter.firstCounter($0, $1, for: node) }
      let results = try rewriter.inline(body, arguments: counters + initial, before: node)
      var byOutput = [ValueID?](repeating: nil, count: outputs.count)
      for (index, result) in zip(read, results) {
        let isScan = index >= initial.count
        byOutput[index] =
          isScan ? try rewriter.stacked(result, as: outputs[index], before: node) : result
      }
      try rewriter.replace(node, by: byOutput)
    }
  }

  /// Whether the body's first inputs can be an iteration number and a condition. One that is returned as it came is
  /// left to the runtime: ONNX Runtime has counted on when it gives it out.
  private static func hasExpectedCounters(_ body: GraphID, in model: Model) -> Bool {
    let inputs = model.inputs(of: body)
    return inputs.count >= 2
      && zip(inputs, [ElementType.int64, .bool]).allSatisfy { input, type in
        let sizes = model.shape(of: input)?.dimensions ?? []
        return (model.elementType(of: input) ?? type) == type && sizes.count <= 1
          && sizes.allSatisfy { $0.fixedSize ?? 1 == 1 } && (type == .bool || !model.isGraphOutput(input))
      }
  }

  static let given = """
    const int64 none = {0}; const int64 one = {1}; const int64 two = {2}; const bool yes = {1}; const bool no = {0}; \
    int64 n in 0...3; const float half = {0.5}
    """

  private static let body =
    "<body = b (int64 i, bool c, float[2, 3] s) => (bool d, float[2, 3] t) { d = Identity(c) t = Mul(s, half) }>"
  private static let scanning = """
    <body = b (int64 i, bool c, float[2, 3] s) => (bool d, float[2, 3] t, float[2, 3] v)
      { d = Identity(c) t = Mul(s, half) v = Neg(t) }>
    """

  static let examples: [Example] = [
    .rewrites("h = Exp(x); y = Loop(one, yes, h) \(body)", to: "h = Exp(x); y = Mul(h, half)"),
    .rewrites(
      "y, z = Loop(one, , x) \(scanning)",
      to: "y = Mul(x, half); v = Neg(y); z = Unsqueeze(v, axis); return y, z"),
    .rewrites("h = Exp(x); g = Loop(none, yes, h) \(body); y = Relu(g)", to: "h = Exp(x); y = Relu(h)"),
    .rewrites("h = Exp(x); g = Loop(n, no, h) \(body); y = Relu(g)", to: "h = Exp(x); y = Relu(h)"),
    .keeps("y = Loop(two, yes, x) \(body)", because: "it runs twice"),
    .keeps(
      "y = Loop(n, yes, x) \(body)", because: "the trip count is computed"),
    .keeps("y, z = Loop(two, , x) \(scanning)", because: "it runs twice"),
    .keeps(
      "y = Scan<num_scan_inputs = 1, body = b (float[3] a) => (float[3] o) { o = Neg(a) }>(x)",
      because: "it is no Loop"),
  ]
}

extension Rewriter {
  /// What the iteration number (input 0 of the body) or the condition (input 1) is in the first run, with as many
  /// axes as the body says; nil where it is not read.
  fileprivate mutating func firstCounter(_ index: Int, _ input: ValueID, for node: NodeID) throws -> ValueID?
  {
    guard model.hasUses(input) else { return nil }
    let sizes = [Int](repeating: 1, count: model.shape(of: input)?.rank ?? 0)
    let tensor = index == 0 ? try Tensor(int64: [0], sizes) : try Tensor(bool: [true], sizes)
    return addConstant(tensor, in: model.graph(of: node))
  }

  /// The only element of a scan output, with the axis along which the results of runs are stacked.
  fileprivate mutating func stacked(
    _ result: ValueID, as output: ValueID, before node: NodeID
  ) throws -> ValueID {
    let graph = model.graph(of: node)
    let isAttribute = (model.opset("", in: graph) ?? 0) < 13
    let axis = isAttribute ? nil : addConstant(try Tensor(int64: [0]), in: graph)
    let id = insert(
      OperatorName("Unsqueeze"), inputs: [result] + (axis.map { [$0] } ?? []),
      outputs: [model.type(of: output)],
      attributes: isAttribute ? [Attribute("axes", .ints([0]))] : [], before: node)
    return model.outputs(of: id)[0]
  }
}
