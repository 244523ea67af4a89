import GraphIR

/// A node that joins two or more values, as the addition at the end of a residual block does.
public struct ResidualJoin: Hashable, Sendable {
  public let node: NodeID
  /// The nearest value through which all data flows that reaches the joined values. It may be one of them: the
  /// plain skip connection. Nil where the joined values come from different inputs.
  public let fork: ValueID?
  public let sides: [Side]

  public struct Side: Hashable, Sendable {
    /// Which input of the join.
    public let operandIndex: Int
    public let value: ValueID
    /// The nodes, in the graph's order, that fall away when the join no longer reads this side: those whose
    /// results go nowhere else.
    public let nodes: [NodeID]
  }
}

extension ResidualJoin {
  private static let operators = ["Add", "Concat", "Max", "Mean", "Min", "Mul", "Sum"].map {
    OperatorName($0)
  }

  /// All nodes that join two or more different values, in the graph's order. Operands that carry no data, such
  /// as biases, do not count.
  /// Joins that are nested deeper than the work limit allows are left out.
  static func all(of flow: DataFlow) -> (joins: [ResidualJoin], isComplete: Bool) {
    var finder = JoinFinder(flow: flow)
    let joins = flow.model.nodes(of: flow.graph).compactMap { node in
      operators.contains(flow.model.operatorName(of: node)) ? finder.join(at: node) : nil
    }
    return (joins: joins, isComplete: finder.isComplete)
  }
}

private struct JoinFinder {
  let flow: DataFlow
  /// Steps of walks, over all: sides that are nested d deep cost d steps for each of their nodes.
  private var remainingSteps: Int

  var isComplete: Bool { remainingSteps > 0 }

  init(flow: DataFlow) {
    self.flow = flow
    remainingSteps = max(1 << 20, flow.vertices.count.saturatingMultiply(64))
  }

  mutating func join(at node: NodeID) -> ResidualJoin? {
    let operands = flow.model.inputs(of: node).enumerated().compactMap { index, value in
      value.flatMap { value in
        flow.vertex(of: value).map { (index: index, value: value, vertex: $0) }
      }
    }.filter { flow.carriesData($0.vertex) }
    guard operands.count >= 2, Set(operands.map(\.vertex)).count == operands.count
    else { return nil }
    let fork = flow.commonDominatingValue(of: operands.map(\.vertex)).flatMap { flow.value(at: $0) }
    let sides = operands.map { operand in
      ResidualJoin.Side(
        operandIndex: operand.index, value: operand.value, nodes: exclusiveNodes(of: operand.vertex))
    }
    guard isComplete else { return nil }
    return ResidualJoin(node: node, fork: fork, sides: sides)
  }

  /// The nodes that only `value` needs, where it has one reader.
  private mutating func exclusiveNodes(of value: Int) -> [NodeID] {
    guard flow.readers(of: value).count == 1 else { return [] }
    var seen: Set<Int> = [value]
    var pending = [value]
    var found: [Int] = []
    while let vertex = pending.popLast(), remainingSteps > 0 {
      for previous in flow.predecessors[vertex] where flow.postDominates(value, previous) {
        guard seen.insert(previous).inserted else { continue }
        remainingSteps -= 1
        if flow.node(at: previous) != nil { found.append(previous) }
        pending.append(previous)
      }
    }
    return found.sorted().compactMap { flow.node(at: $0) }
  }
}
