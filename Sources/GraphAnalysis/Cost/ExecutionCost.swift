import GraphIR
import TensorCore

/// Costs of running whole graphs, bodies and calls included.
struct ExecutionCost {
  let model: Model
  let sizes: SizeReader
  private let costs: [NodeID: CostModel.NodeCost]
  private let functions: [OperatorName: FunctionID]
  private var knownMacs: [GraphID: Int] = [:]
  private var knownPeaks: [GraphID: Int] = [:]
  /// Graphs whose cost is being computed: one that calls itself adds nothing.
  private var pending: Set<GraphID> = []

  init(model: Model, sizes: SizeReader, costs: [NodeID: CostModel.NodeCost]) {
    self.model = model
    self.sizes = sizes
    self.costs = costs
    functions = Dictionary(
      model.functions.map { (model.name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: Multiplications

  mutating func macs(of graph: GraphID) -> Int {
    if let known = knownMacs[graph] { return known }
    guard pending.insert(graph).inserted else { return 0 }
    defer { pending.remove(graph) }
    let total = model.nodes(of: graph).reduce(0) { $0.saturatingAdd(macs(of: $1)) }
    knownMacs[graph] = total
    return total
  }

  private mutating func macs(of node: NodeID) -> Int {
    let op = model.operatorName(of: node)
    if let function = functions[op] { return macs(of: model.graph(of: function)) }
    let own = costs[node]?.macs ?? 0
    let bodies = model.bodies(of: node).map { macs(of: $0) }
    guard op.isStandard, op.name == "If" || op.name == "Loop" else {
      return bodies.reduce(own) { $0.saturatingAdd($1) }
    }
    let dearest = bodies.max() ?? 0
    return own.saturatingAdd(op.name == "Loop" ? dearest.saturatingMultiply(tripCount(of: node)) : dearest)
  }

  private func tripCount(of node: NodeID) -> Int {
    let count = model.input(0, of: node).flatMap { model.constant($0) }.flatMap { try? $0.integers().first }
    guard let count, count >= 0, count < 1 << 32 else { return 1 }
    return count
  }

  // MARK: Memory

  /// Runs the nodes in order, keeping each value until its last reader.
  mutating func peakBytes(of graph: GraphID) -> Int {
    if let known = knownPeaks[graph] { return known }
    guard pending.insert(graph).inserted else { return 0 }
    defer { pending.remove(graph) }
    let nodes = model.nodes(of: graph)
    let deaths = deaths(in: graph, nodes)
    var live = model.inputs(of: graph).reduce(0) { $0.saturatingAdd(activationBytes($1)) }
    var peak = live
    for (index, node) in nodes.enumerated() {
      for output in model.outputs(of: node) where !model.isOmitted(output) {
        live = live.saturatingAdd(activationBytes(output))
      }
      peak = max(peak, live.saturatingAdd(innerPeak(of: node)))
      for value in deaths[index] { live = max(live - activationBytes(value), 0) }
    }
    knownPeaks[graph] = peak
    return peak
  }

  /// The values of `graph` that are last needed by the node at each place; those that it returns by none.
  private func deaths(in graph: GraphID, _ nodes: [NodeID]) -> [[ValueID]] {
    var lastUse: [ValueID: Int] = [:]
    for (index, node) in nodes.enumerated() {
      let captured = model.bodies(of: node).isEmpty ? [] : model.captures(of: node)
      let outputs = model.outputs(of: node).filter { !model.isOmitted($0) }
      for value in model.inputs(of: node).compactMap({ $0 }) + captured + outputs
      where model.graph(of: value) == graph {
        lastUse[value] = index
      }
    }
    for value in model.outputs(of: graph) { lastUse[value] = nil }
    var deaths = [[ValueID]](repeating: [], count: nodes.count)
    for (value, index) in lastUse.sorted(by: { $0.key < $1.key }) { deaths[index].append(value) }
    return deaths
  }

  /// Of the body or function that needs most.
  private mutating func innerPeak(of node: NodeID) -> Int {
    var peak = model.bodies(of: node).map { peakBytes(of: $0) }.max() ?? 0
    if let function = functions[model.operatorName(of: node)] {
      peak = max(peak, peakBytes(of: model.graph(of: function)))
    }
    return peak
  }

  /// Constants lie with the weights.
  private func activationBytes(_ value: ValueID) -> Int {
    model.constant(value) == nil && model.denseTensor(of: value) == nil ? sizes.byteCount(of: value) : 0
  }
}
