import GraphIR
import TensorCore

extension ModelMatching {
  /// Of two models that share no handles: nodes correspond by name, then by the name of what they compute,
  /// then by their weights, then where they do the same to corresponding values, then where they feed
  /// corresponding nodes.
  ///
  /// Always of the same operator. Time grows with the number of nodes and operands.
  public static func structural(from before: Model, to after: Model) -> ModelMatching {
    var matcher = StructuralMatcher(before: before, after: after)
    matcher.match(before.mainGraph, after.mainGraph, depth: 0)
    for function in before.functions {
      guard let other = after.function(named: before.name(of: function)) else { continue }
      matcher.match(before.graph(of: function), after.graph(of: other), depth: 0)
    }
    return ModelMatching(nodes: matcher.forward, isDerivation: false, before: before, after: after)
  }
}

private struct StructuralMatcher {
  let before: Model
  let after: Model
  private(set) var forward: [NodeID: NodeID] = [:]
  private var backward: [NodeID: NodeID] = [:]
  /// Inputs of graphs, from `after` to `before`.
  private var inputs: [ValueID: ValueID] = [:]
  private let depthLimit = 64

  init(before: Model, after: Model) {
    self.before = before
    self.after = after
  }

  mutating func match(_ graph: GraphID, _ other: GraphID, depth: Int) {
    guard depth < depthLimit else { return }
    matchInputs(of: graph, other)
    let (mine, theirs) = (before.nodes(of: graph), after.nodes(of: other))
    matchUnique(mine.map { nodeName($0, in: before) }, mine, theirs.map { nodeName($0, in: after) }, theirs)
    matchUnique(
      mine.map { outputName($0, in: before) }, mine, theirs.map { outputName($0, in: after) }, theirs)
    matchUnique(mine.map { weights($0, in: before) }, mine, theirs.map { weights($0, in: after) }, theirs)
    matchByOperands(mine, theirs)
    matchByUsers(mine, theirs)
    for node in mine {
      guard let counterpart = forward[node] else { continue }
      for (body, otherBody) in correspondingBodies(of: node, in: before, and: counterpart, in: after) {
        match(body, otherBody, depth: depth + 1)
      }
    }
  }

  private mutating func matchInputs(of graph: GraphID, _ other: GraphID) {
    let (mine, theirs) = (before.inputs(of: graph), after.inputs(of: other))
    let byName = Dictionary(mine.map { (before.name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    for (index, input) in theirs.enumerated() {
      inputs[input] = byName[after.name(of: input)] ?? (index < mine.count ? mine[index] : nil)
    }
  }

  private mutating func pair(_ node: NodeID, _ other: NodeID) {
    forward[node] = other
    backward[other] = node
  }

  // MARK: Names

  private struct NameKey: Hashable {
    var op: OperatorName
    var name: String
  }

  private func nodeName(_ node: NodeID, in model: Model) -> NameKey? {
    let name = model.name(of: node)
    return name.isEmpty ? nil : NameKey(op: model.operatorName(of: node), name: name)
  }

  private func outputName(_ node: NodeID, in model: Model) -> NameKey? {
    guard let output = model.outputs(of: node).first(where: { !model.isOmitted($0) }) else { return nil }
    let name = model.name(of: output)
    return name.isEmpty ? nil : NameKey(op: model.operatorName(of: node), name: name)
  }

  /// Scalars and short lists say little of which node it is.
  private func weights(_ node: NodeID, in model: Model) -> NameKey? {
    let hashes = model.inputs(of: node).compactMap { value -> String? in
      guard let value, let tensor = model.constant(value), tensor.elementCount >= 8 else { return nil }
      return String(tensor.contentHash, radix: 16)
    }
    return hashes.isEmpty
      ? nil : NameKey(op: model.operatorName(of: node), name: hashes.joined(separator: " "))
  }

  /// Pairs the free nodes whose keys occur once on either side.
  private mutating func matchUnique(
    _ keys: [NameKey?], _ nodes: [NodeID], _ otherKeys: [NameKey?], _ others: [NodeID]
  ) {
    func unique(_ keys: [NameKey?], _ nodes: [NodeID], _ taken: [NodeID: NodeID]) -> [NameKey: NodeID?] {
      var table: [NameKey: NodeID?] = [:]
      for (key, node) in zip(keys, nodes) where taken[node] == nil {
        guard let key else { continue }
        table[key] = table[key] == nil ? .some(node) : .some(nil)
      }
      return table
    }
    let theirs = unique(otherKeys, others, backward)
    let mine = unique(keys, nodes, forward)
    for (key, node) in zip(keys, nodes) {
      guard let key, let candidate = mine[key], candidate == node, let found = theirs[key], let other = found
      else { continue }
      pair(node, other)
    }
  }

  // MARK: Structure

  /// What an operand is, in terms of `before`.
  private enum Source: Hashable {
    case none
    case node(NodeID, output: Int)
    case input(ValueID)
    case constant(UInt64)
  }

  private struct OperandKey: Hashable {
    var op: OperatorName
    var sources: [Source]
  }

  private mutating func matchByOperands(_ mine: [NodeID], _ theirs: [NodeID]) {
    var candidates: [OperandKey: [NodeID]] = [:]
    for node in mine.reversed() where forward[node] == nil {
      guard let key = operandKey(node, in: before, source: { $0 }, input: { $0 }) else { continue }
      candidates[key, default: []].append(node)
    }
    for other in theirs where backward[other] == nil {
      let key = operandKey(other, in: after, source: { backward[$0] }, input: { inputs[$0] })
      guard let key, let node = candidates[key]?.popLast() else { continue }
      pair(node, other)
    }
  }

  /// Nil where an operand corresponds to nothing, and for nodes that read nothing but constants.
  private func operandKey(
    _ node: NodeID, in model: Model, source: (NodeID) -> NodeID?, input: (ValueID) -> ValueID?
  ) -> OperandKey? {
    var key = OperandKey(op: model.operatorName(of: node), sources: [])
    for value in model.inputs(of: node) {
      guard let value else {
        key.sources.append(.none)
        continue
      }
      if let tensor = model.constant(value) {
        key.sources.append(.constant(tensor.contentHash))
      } else if case .node(let producer, let output) = model.definition(of: value) {
        guard let producer = source(producer) else { return nil }
        key.sources.append(.node(producer, output: output))
      } else {
        guard let value = input(value) else { return nil }
        key.sources.append(.input(value))
      }
    }
    return key.sources.isEmpty ? nil : key
  }

  /// From the last node back: a node whose only reader corresponds to a reader of a free node of the same
  /// operator, in the same slot.
  private mutating func matchByUsers(_ mine: [NodeID], _ theirs: [NodeID]) {
    for other in theirs.reversed() where backward[other] == nil {
      guard let output = after.output(0, of: other), after.hasOneUse(output),
        let use = after.uses(of: output).first, let user = backward[use.user],
        let value = before.input(use.index, of: user), let node = before.producer(of: value),
        forward[node] == nil, before.operatorName(of: node) == after.operatorName(of: other)
      else { continue }
      pair(node, other)
    }
  }
}
