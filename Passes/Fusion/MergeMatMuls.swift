import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes several products of one value with constant matrices as one: the projections of queries, keys and values.
/// The matrices, and the biases that are added, are concatenated, and the results split.
///
/// Legal where the matrices are of one floating-point type, nothing else reads them, and their concatenation takes
/// at most 32 MiB. It is done where fewer nodes remain: for three products, or for two that both have a bias.
///
/// Rounding: each element is the same sum; a runtime may take it in another order. A product without bias gets one
/// of zeros, which makes 0 of −0.
///
/// No part of the exact pipeline: the split copies, and ONNX Runtime 1.32 takes 1.00 to 1.12 times as long on one core.
struct MergeMatMuls: Pass {
  static let summary = "MatMul(x, a) + c, MatMul(x, b) + d → Split(MatMul(x, a ‖ b) + (c ‖ d))"
  static let exactness = Exactness.rounding

  /// Merged weights above this size would cost more memory than the nodes are worth.
  private static let largestWeight = 32 << 20

  func run(on model: inout Model, in context: inout PassContext) throws {
    for graph in model.allGraphs where (model.opset("", in: graph) ?? 0) >= 7 {
      for group in Self.groups(in: graph, of: model) {
        try Self.merge(group, in: &model)
      }
    }
  }

  /// A product, and the sum with a bias that alone reads it.
  private struct Branch {
    var node: NodeID
    var weights: Tensor
    var sum: NodeID?
    var bias: Tensor?

    var width: Int { weights.dimensions[1] }
    var last: NodeID { sum ?? node }
  }

  private struct Group {
    var input: ValueID
    var axis: Int
    var branches: [Branch]
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func groups(in graph: GraphID, of model: Model) -> [Group] {
    var order: [ValueID] = []
    var branches: [ValueID: [Branch]] = [:]
    for node in model.nodes(of: graph) {
      guard let input = model.input(0, of: node), let branch = branch(at: node, in: model) else { continue }
      if branches[input] == nil { order.append(input) }
      branches[input, default: []].append(branch)
    }
    return order.compactMap { input in
      guard let candidates = branches[input], candidates.count > 1, let rank = model.shape(of: input)?.rank,
        rank > 1
      else { return nil }
      let fitting = candidates.filter { fits($0.weights, candidates[0].weights) }
      let group = Group(input: input, axis: rank - 1, branches: fitting)
      return leavesFewerNodes(group) ? group : nil
    }
  }

  private static func fits(_ a: Tensor, _ b: Tensor) -> Bool {
    a.elementType == b.elementType && a.dimensions[0] == b.dimensions[0]
  }

  private static func leavesFewerNodes(_ group: Group) -> Bool {
    let sums = group.branches.count { $0.sum != nil }
    let bytes = group.branches.reduce(0) { $0 + min($1.weights.byteCount, largestWeight + 1) }
    return group.branches.count + sums > (sums > 0 ? 3 : 2) && bytes <= largestWeight
  }

  private static func branch(at node: NodeID, in model: Model) -> Branch? {
    guard model.operatorName(of: node) == OperatorName("MatMul"), let right = model.input(1, of: node),
      let weights = model.constant(right), weights.rank == 2, weights.elementCount > 0,
      model.hasOneUse(right),
      weights.elementType.isFloatingPoint, weights.elementType.bitWidth >= 16,
      let product = model.output(0, of: node)
    else { return nil }
    var branch = Branch(node: node, weights: weights)
    if model.hasOneUse(product), let user = model.users(of: product).first,
      let bias = bias(added: user, to: product, in: model), bias.elementType == weights.elementType,
      bias.elementCount == branch.width, bias.rank > 0, bias.dimensions.last == branch.width,
      bias.rank <= model.shape(of: product)?.rank ?? 0
    {
      branch.sum = user
      branch.bias = bias
    }
    return branch
  }

  private static func bias(added user: NodeID, to product: ValueID, in model: Model) -> Tensor? {
    guard model.operatorName(of: user) == OperatorName("Add"), model.inputCount(of: user) == 2 else {
      return nil
    }
    let other = model.inputs(of: user).compactMap { $0 }.first { $0 != product }
    return other.flatMap { model.constant($0) }
  }

  // MARK: Merging

  private static func merge(_ group: Group, in model: inout Model) throws {
    let weights = try Tensor.columns(joining: group.branches.map(\.weights))
    let hasBias = group.branches.contains { $0.bias != nil }
    let biases = try group.branches.map { branch in
      try branch.bias?.reshaped(to: [branch.width])
        ?? Tensor(branch.weights.elementType, [branch.width]) { _ in }
    }
    let bias = try hasBias ? Tensor.columns(joining: biases) : nil
    try model.edit(as: Self.name) { rewriter in
      let sum = insertProduct(of: group, weights, bias, with: &rewriter)
      let parts = insertSplit(of: sum, group, with: &rewriter)
      for (branch, part) in zip(group.branches, parts) {
        let old = rewriter.model.outputs(of: branch.last)[0]
        try rewriter.replaceAllUses(of: old, with: part)
        rewriter.eraseIfDead(branch.last)
      }
    }
  }

  private static func insertProduct(
    of group: Group, _ weights: Tensor, _ bias: Tensor?, with rewriter: inout Rewriter
  ) -> ValueID {
    let first = group.branches[0]
    let graph = rewriter.model.graph(of: first.node)
    var shape = rewriter.model.shape(of: group.input) ?? Shape([])
    shape.dimensions[group.axis] = .fixed(weights.dimensions[1])
    let type = ValueType.tensor(TensorType(weights.elementType, shape))
    func add(_ op: String, _ inputs: [ValueID], named name: String) -> ValueID {
      let node = rewriter.insert(
        OperatorName(op), inputs: inputs, outputs: [type], name: name, before: first.node)
      return rewriter.model.outputs(of: node)[0]
    }
    let product = add("MatMul", [group.input, rewriter.addConstant(weights, in: graph)], named: "")
    guard let bias else { return product }
    return add("Add", [product, rewriter.addConstant(bias, in: graph)], named: "")
  }

  /// The parts, in order. Before version 13 `Split` has their sizes in an attribute.
  private static func insertSplit(
    of value: ValueID, _ group: Group, with rewriter: inout Rewriter
  ) -> [ValueID] {
    let first = group.branches[0].node
    let graph = rewriter.model.graph(of: first)
    let widths = group.branches.map(\.width)
    var inputs: [ValueID?] = [value]
    var attributes = [Attribute("axis", .int(Int64(group.axis)))]
    if rewriter.model.opset("", in: graph) ?? 0 >= 13, let sizes = try? Tensor(int64: widths) {
      inputs.append(rewriter.addConstant(sizes, in: graph))
    } else {
      attributes.append(Attribute("split", .ints(widths.map(Int64.init))))
    }
    let types = group.branches.map { rewriter.model.type(of: rewriter.model.outputs(of: $0.last)[0]) }
    let node = rewriter.insert(
      OperatorName("Split"), inputs: inputs, outputs: types, attributes: attributes, before: first)
    return rewriter.model.outputs(of: node)
  }

  static let given = """
    float[N, 3, 4] x; const float[4, 4] q, k; const float[4, 2] v; const float[4] a, b; const float[2] c; float[4, 2] d; \
    const float[1, 1, 1, 4] deep; const float[3, 1] column; int32[N, 4] i; const int32[4, 2] j, l, m
    """

  static let examples: [Example] = [
    .rewrites(
      "f = MatMul(x, q); g = MatMul(x, k); h = MatMul(x, v)",
      to: "p = MatMul(x, w); f, g, h = Split<axis = 2>(p, sizes)", outputs: ["f", "g", "h"]),
    .rewrites(
      "f = MatMul(x, q); r = Add(f, a); g = MatMul(x, v); s = Add(c, g); y = Concat<axis = -1>(r, s)",
      to: "p = MatMul(x, w); t = Add(p, e); r, s = Split<axis = 2>(t, sizes); y = Concat<axis = -1>(r, s)"),
    .rewrites(
      "f = MatMul(x, q); r = Add(f, a); g = MatMul(x, k); h = MatMul(x, v); s = Add(h, c)",
      to: "p = MatMul(x, w); t = Add(p, e); r, g, s = Split<axis = 2>(t, sizes)", outputs: ["r", "g", "s"]),
    .rewrites(
      "f = MatMul(x, q); g = MatMul(x, k); h = MatMul(x, v)",
      to: "p = MatMul(x, w); f, g, h = Split<axis = 2, split = [4, 4, 2]>(p)", opset: 12,
      outputs: ["f", "g", "h"]),
    .keeps("f = MatMul(x, q); g = MatMul(x, k)", because: "two products would become a product and a split"),
    .keeps(
      "f = MatMul(x, q); g = MatMul(x, q); h = MatMul(x, v)", because: "the first two read the same weights"),
    .keeps("f = MatMul(x, q); g = MatMul(x, d); h = MatMul(x, v)", because: "a matrix is computed"),
    .keeps(
      "f = MatMul(x, q); g = MatMul(x, k); r = Add(f, deep); s = Add(g, column)",
      because: "what is added is no bias of columns"),
    .keeps("f = MatMul(i, j); g = MatMul(i, l); h = MatMul(i, m)", because: "they are integers"),
    .keeps(
      "f = MatMul(q, x); g = MatMul(k, x); h = MatMul(q, x)", because: "the right operand is shared",
      given: "float[N, 4, 3] x; const float[4, 4] q, k"),
  ]
}
