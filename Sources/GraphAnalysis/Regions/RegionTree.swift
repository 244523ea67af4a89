import GraphIR

/// The single-entry single-exit regions of a graph, and its residual joins.
///
/// For each value, the smallest region that ends there, and those that one or two more regions before it make
/// together: so their number stays linear in the graph, while longer runs are compositions of these, which a
/// search combines (the canonical regions of Johnson, Pearson and Pingali, "The Program Structure Tree",
/// PLDI 1994, on values instead of control-flow edges).
public struct RegionTree: Sendable {
  /// In the order of their exits, the smallest first.
  public let regions: [Region]
  public let residualJoins: [ResidualJoin]

  /// How many regions in a row make the longest region that is listed for an exit.
  static let maximumRun = 3
  /// How many dominators are tried as an entry before an exit is given up.
  static let maximumAttempts = 6

  public init(of graph: GraphID, in model: Model) {
    let finder = RegionFinder(model: model, graph: graph)
    let nodes = model.nodes(of: graph)
    regions = nodes.flatMap { node in model.outputs(of: node).flatMap { finder.regions(endingAt: $0) } }
    residualJoins = nodes.compactMap { finder.residualJoin(at: $0) }
  }
}

private struct RegionFinder {
  let model: Model
  let graph: GraphID
  let dominators: DominatorTree
  /// The place of each node in the graph's order.
  private let positions: [NodeID: Int]

  init(model: Model, graph: GraphID) {
    self.model = model
    self.graph = graph
    dominators = DominatorTree(of: graph, in: model)
    var positions: [NodeID: Int] = [:]
    for (index, node) in model.nodes(of: graph).enumerated() { positions[node] = index }
    self.positions = positions
  }

  // MARK: Regions

  func regions(endingAt exit: ValueID) -> [Region] {
    guard dominators.isData(exit), model.hasUses(exit) else { return [] }
    var found: [Region] = []
    var entry = dominators.immediateDominator(of: exit)
    for _ in 0..<RegionTree.maximumAttempts {
      guard let candidate = entry, found.count < RegionTree.maximumRun else { break }
      if let region = region(from: candidate, to: exit) { found.append(region) }
      entry = dominators.immediateDominator(of: candidate)
    }
    return found
  }

  /// Everything that `exit` needs beyond `entry`, if nothing else needs any of it.
  private func region(from entry: ValueID, to exit: ValueID) -> Region? {
    guard let last = model.producer(of: exit) else { return nil }
    var members: Set<NodeID> = [last]
    var pending = [last]
    while let node = pending.popLast() {
      for value in DominatorTree.dataInputs(of: node, in: model) where value != entry {
        // What depends on no input is carried along by whoever needs it, and is no border.
        guard dominators.isData(value) else { continue }
        guard let producer = model.producer(of: value), model.graph(of: producer) == graph else { return nil }
        if members.insert(producer).inserted { pending.append(producer) }
      }
    }
    guard members.allSatisfy({ isClosed($0, exit: exit, in: members) }) else { return nil }
    return Region(entry: entry, exit: exit, nodes: sorted(members))
  }

  private func isClosed(_ node: NodeID, exit: ValueID, in members: Set<NodeID>) -> Bool {
    model.outputs(of: node).allSatisfy { output in
      output == exit
        || model.uses(of: output).allSatisfy { use in
          model.ancestor(of: use.user, in: graph).map { members.contains($0) } ?? false
        }
    }
  }

  // MARK: Residual joins

  func residualJoin(at node: NodeID) -> ResidualJoin? {
    let name = model.operatorName(of: node)
    let inputs = model.inputs(of: node)
    guard name == OperatorName("Add") || name == OperatorName("Sum"), inputs.count == 2,
      let a = inputs[0], let b = inputs[1], a != b, dominators.isData(a), dominators.isData(b)
    else { return nil }
    return ResidualJoin(
      node: node, fork: dominators.nearestCommonDominator(a, b),
      sides: [a, b].map { ResidualJoin.Side(value: $0, nodes: exclusiveNodes(of: $0, readBy: node)) })
  }

  /// The nodes that compute `value` and nothing else that is read.
  private func exclusiveNodes(of value: ValueID, readBy join: NodeID) -> [NodeID] {
    var members: Set<NodeID> = [join]
    var pending = [value]
    while let value = pending.popLast() {
      guard let producer = model.producer(of: value), model.graph(of: producer) == graph,
        !members.contains(producer),
        model.outputs(of: producer).allSatisfy({ output in
          model.uses(of: output).allSatisfy { members.contains($0.user) }
        })
      else { continue }
      members.insert(producer)
      pending += DominatorTree.dataInputs(of: producer, in: model)
    }
    members.remove(join)
    return sorted(members)
  }

  private func sorted(_ nodes: Set<NodeID>) -> [NodeID] {
    nodes.sorted { (positions[$0] ?? 0) < (positions[$1] ?? 0) }
  }
}
