import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes sizes by fewer nodes: what a computation of shapes comes to is known as expressions over the model's
/// symbols, element by element, so that the nodes in between do not matter.
///
/// Every vector and scalar of sizes that other operators read is computed anew from the sizes of inputs, or of
/// values whose `Shape` is read already: by `Shape` of a range of axes, arithmetic, and `Concat`. What several
/// of them have in common is computed once. Computations that share nodes are replaced together, and only where
/// fewer nodes remain.
///
/// Legal where all elements are known expressions. They are integers of 64 bits that stand for sizes, so that
/// nothing overflows; divisions are those of non-negative numbers, by positive ones.
struct ShortenShapeComputations: Pass {
  static let summary = "Shape, Gather, Unsqueeze, Concat, … → fewer of them"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    guard let plan = Self.plan(for: model) else { return }
    try model.edit(as: Self.name) { rewriter in
      var builder = plan.builder
      let replacements = try plan.roots.map { root in
        (old: root.value, new: try builder.build(root.term, with: &rewriter))
      }
      for (old, new) in replacements {
        let producer = rewriter.model.producer(of: old)
        try rewriter.replaceAllUses(of: old, with: new)
        if let producer { rewriter.eraseIfDead(producer) }
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func plan(for model: Model) -> ShapePlan? {
    let graph = model.mainGraph
    let isOfSizes = model.nodes(of: graph).contains { model.operatorName(of: $0) == OperatorName("Shape") }
    guard isOfSizes, let opset = model.opset("", in: graph) else { return nil }
    let plan = ShapePlan(for: model, SymbolicValues(of: model), opset: opset)
    return plan.roots.isEmpty ? nil : plan
  }

  static let given =
    "float[N, 4, M] x; float[N, M] m; float[N, K, M] k; const int64 zero = 0; const int64 two = 2; const int64[1] first = {0}"

  static let examples: [Example] = [
    .rewrites(
      "s = Shape(x); d = Gather(s, zero); u = Unsqueeze(d, first); t = Concat<axis = 0>(u, {2, 1}); y = Expand(m, t)",
      to: "d = Shape<start = 0, end = 1>(x); t = Concat<axis = 0>(d, {2, 1}); y = Expand(m, t)",
      given:
        "float[N, 4, M] x; float m; const int64 zero = 0; const int64[1] first = {0}"),
    .rewrites(
      "s = Shape(x); d = Gather(s, zero); e = Gather(s, two); f = Mul(e, two); g = Div(f, two); u = Unsqueeze(d, first); v = Unsqueeze(g, first); t = Concat<axis = 0>(u, v); y = ConstantOfShape(t); z = Neg(m)",
      to: "t = Shape(m); y = ConstantOfShape(t); z = Neg(m)"),
    .keeps(
      "d = Shape<start = 0, end = 1>(x); t = Concat<axis = 0>(d, {2, 1}); y = ConstantOfShape(t)",
      because: "it is as short as can be"),
    .keeps("s = Shape(x); d = Gather(s, zero); y = Range(zero, d, two)", because: "it is as short as can be"),
    .keeps(
      "s = NonZero(x); t = Shape(s); d = Gather(t, {1}); y = ConstantOfShape(d)",
      because: "the size is unknown"),
  ]
}

/// What to replace, and by what.
private struct ShapePlan {
  struct Root {
    var value: ValueID
    var term: ShapeTerm
  }

  private(set) var roots: [Root] = []
  let builder: ShapeBuilder
  private let scope: ShapeScope
  private let opset: Int

  /// The better of two plans: one that prefers the sizes of inputs, and one that takes those of any value.
  init(for model: Model, _ values: SymbolicValues, opset: Int) {
    scope = ShapeScope(of: model, values)
    self.opset = opset
    builder = ShapeBuilder(in: model.mainGraph, opset: opset, order: scope.order, scope.sources)
    let inputs = candidates(from: scope.sources.filter { $0.position < 0 }, values)
    let all = candidates(from: scope.sources, values)
    let plans = [[inputs, all], [all, inputs]].map { selected(from: $0) }
    roots = plans[plans[1].gain > plans[0].gain ? 1 : 0].roots
  }

  private func candidates(from sources: [ShapeSynthesis.Source], _ values: SymbolicValues) -> [Root] {
    var synthesis = ShapeSynthesis(sources, opset: opset)
    return scope.roots.compactMap { value in
      guard let elements = values[value], let rank = scope.model.shape(of: value)?.rank, rank <= 1,
        elements.contains(where: { $0.fixedSize == nil }),
        let term = synthesis.term(for: elements, isScalar: rank == 0),
        builder.position(of: term) < scope.firstUse(of: value)
      else { return nil }
      return Root(value: value, term: term)
    }
  }

  /// Groups that leave fewer nodes, of the first list, then of what is left of the next.
  private func selected(from lists: [[Root]]) -> (roots: [Root], gain: Int) {
    var chosen: [Root] = []
    var gain = 0
    for list in lists {
      let taken = Set(chosen.map(\.value))
      for group in Self.groups(list.filter { !taken.contains($0.value) }, in: scope.model) {
        let difference = scope.deadNodes(without: group) - nodeCount(of: group)
        guard difference > 0 else { continue }
        chosen += group
        gain += difference
      }
    }
    return (roots: chosen, gain: gain)
  }

  private func nodeCount(of group: [Root]) -> Int {
    var nodes: Set<ShapeTerm> = []
    for root in group {
      root.term.collectNodes(into: &nodes, rank: { scope.rank(of: $0) }, hasRanges: opset >= 15)
    }
    return nodes.count
  }

  /// Roots that have nodes in common, now or as planned, belong together.
  private static func groups(_ roots: [Root], in model: Model) -> [[Root]] {
    var parents = Array(roots.indices)
    func find(_ index: Int) -> Int {
      var index = index
      while parents[index] != index { index = parents[index] }
      return index
    }
    var owners: [AnyHashable: Int] = [:]
    for (index, root) in roots.enumerated() {
      var terms: Set<ShapeTerm> = []
      root.term.collectNodes(into: &terms)
      let keys = terms.map { AnyHashable($0) } + ancestors(of: root.value, in: model).map { AnyHashable($0) }
      for key in keys {
        let owner = find(owners[key] ?? index)
        parents[find(index)] = owner
        owners[key] = owner
      }
    }
    let groups = Dictionary(grouping: roots.indices) { find($0) }
    return groups.keys.sorted().compactMap { groups[$0]?.map { roots[$0] } }
  }

  /// The nodes that compute the value up to the first that reads no sizes.
  private static func ancestors(of value: ValueID, in model: Model) -> Set<NodeID> {
    var found: Set<NodeID> = []
    var pending = [value]
    while let value = pending.popLast() {
      guard let node = model.producer(of: value), found.insert(node).inserted,
        model.operatorName(of: node) != OperatorName("Shape")
      else { continue }
      pending += model.inputs(of: node).compactMap { $0 }
    }
    return found
  }
}

/// The main graph as far as sizes go.
private struct ShapeScope {
  let model: Model
  let order: [NodeID]
  private let positions: [NodeID: Int]
  /// Values of sizes that nodes read that compute something else.
  private(set) var roots: [ValueID] = []
  private(set) var sources: [ShapeSynthesis.Source] = []

  init(of model: Model, _ values: SymbolicValues) {
    self.model = model
    order = model.nodes(of: model.mainGraph)
    positions = Dictionary(
      order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    roots = order.flatMap { model.outputs(of: $0) }.filter { isRoot($0, values) }
    sources = findSources()
  }

  private func isOfSizes(_ value: ValueID, _ values: SymbolicValues) -> Bool {
    guard model.elementType(of: value) == .int64, model.constant(value) == nil, let elements = values[value]
    else {
      return false
    }
    return !elements.contains(where: \.isUnknown)
  }

  private func isRoot(_ value: ValueID, _ values: SymbolicValues) -> Bool {
    guard isOfSizes(value, values), !model.isGraphOutput(value) else { return false }
    return model.uses(of: value).contains { use in
      let outputs = model.outputs(of: use.user)
      return outputs.isEmpty || !outputs.allSatisfy { isOfSizes($0, values) }
    }
  }

  private func findSources() -> [ShapeSynthesis.Source] {
    let inputs = model.inputs(of: model.mainGraph).filter { model.constant($0) == nil }
    var found = inputs.compactMap { value in
      model.shape(of: value).map { ShapeSynthesis.Source(value: value, shape: $0, position: -1) }
    }
    for node in order where model.operatorName(of: node) == OperatorName("Shape") {
      guard let value = model.input(0, of: node), let producer = model.producer(of: value),
        let position = positions[producer], let shape = model.shape(of: value)
      else { continue }
      found.append(ShapeSynthesis.Source(value: value, shape: shape, position: position))
    }
    return found.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
      .map(\.element)
  }

  /// The position of the first node that reads the value, itself or in a body.
  func firstUse(of value: ValueID) -> Int {
    model.uses(of: value).map { use in
      model.ancestor(of: use.user, in: model.mainGraph).flatMap { positions[$0] } ?? order.count
    }.min() ?? -1
  }

  func rank(of value: ValueID) -> Int? { model.shape(of: value)?.rank }

  /// How many nodes go once nothing reads the roots, and what replaces them reads its sources.
  func deadNodes(without roots: [ShapePlan.Root]) -> Int {
    let replaced = Set(roots.map(\.value))
    let kept = Set(roots.flatMap(\.term.sources).compactMap { model.producer(of: $0) })
    var dead: Set<NodeID> = []
    var pending = roots.compactMap { model.producer(of: $0.value) }
    while let node = pending.popLast() {
      guard !dead.contains(node), !kept.contains(node),
        model.outputs(of: node).allSatisfy({ isUnread($0, dead, replaced) })
      else { continue }
      dead.insert(node)
      pending += model.inputs(of: node).compactMap { $0.flatMap { model.producer(of: $0) } }
    }
    return dead.count
  }

  private func isUnread(_ value: ValueID, _ dead: Set<NodeID>, _ replaced: Set<ValueID>) -> Bool {
    replaced.contains(value) || model.uses(of: value).allSatisfy { dead.contains($0.user) }
  }
}
