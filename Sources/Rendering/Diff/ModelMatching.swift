import GraphIR

/// Which parts of two models correspond: each node, body and graph input of the one to at most one of the
/// other, of the same operator.
public struct ModelMatching: Sendable {
  /// From `before` to `after`.
  public private(set) var nodes: [NodeID: NodeID] = [:]
  private(set) var graphs: [GraphID: GraphID] = [:]
  private(set) var inputs: [ValueID: ValueID] = [:]
  /// Whether the second model was made from the first by edits, so that its journal explains the difference.
  public let isDerivation: Bool

  /// Completes a matching of nodes by the bodies that matched nodes hold, and the inputs of matched graphs.
  init(nodes: [NodeID: NodeID], isDerivation: Bool, before: Model, after: Model) {
    self.nodes = nodes
    self.isDerivation = isDerivation
    match(before.mainGraph, after.mainGraph, before, after)
    for function in before.functions {
      guard let other = after.function(named: before.name(of: function)) else { continue }
      match(before.graph(of: function), after.graph(of: other), before, after)
    }
    for node in before.allNodes {
      guard let other = nodes[node] else { continue }
      for (body, otherBody) in correspondingBodies(of: node, in: before, and: other, in: after) {
        match(body, otherBody, before, after)
      }
    }
  }

  /// Of a model made from `before` by edits: handles keep their meaning.
  public static func derivation(from before: Model, to after: Model) -> ModelMatching {
    let kept = Set(after.allNodes)
    let pairs = before.allNodes.filter { kept.contains($0) }.map { (key: $0, value: $0) }
    return ModelMatching(
      nodes: Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
      isDerivation: true, before: before, after: after)
  }

  /// By handles where `after` can have been made from `before` by edits, else by names and structure.
  public static func between(_ before: Model, _ after: Model) -> ModelMatching {
    isPlausibleDerivation(from: before, to: after)
      ? derivation(from: before, to: after) : structural(from: before, to: after)
  }

  /// Edits never give a node another operator or name, and only add to the journal.
  private static func isPlausibleDerivation(from before: Model, to after: Model) -> Bool {
    let authors = (before: before.journal.entries.map(\.author), after: after.journal.entries.map(\.author))
    guard authors.after.starts(with: authors.before) else { return false }
    let kept = Set(after.allNodes)
    let shared = before.allNodes.filter { kept.contains($0) }
    return !shared.isEmpty
      && shared.allSatisfy {
        before.operatorName(of: $0) == after.operatorName(of: $0) && before.name(of: $0) == after.name(of: $0)
      }
  }

  // MARK: Completing

  /// Inputs of bodies correspond by position, those of other graphs by name.
  private mutating func match(_ graph: GraphID, _ other: GraphID, _ before: Model, _ after: Model) {
    guard graphs.updateValue(other, forKey: graph) == nil else { return }
    let (mine, theirs) = (before.inputs(of: graph), after.inputs(of: other))
    if case .body = before.kind(of: graph) {
      for (input, counterpart) in zip(mine, theirs) { inputs[input] = counterpart }
    } else {
      let byName = Dictionary(
        theirs.map { (after.name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
      for input in mine { inputs[input] = byName[before.name(of: input)] }
    }
  }
}

/// Pairs of bodies that two nodes hold under the same attribute at the same place.
func correspondingBodies(
  of node: NodeID, in before: Model, and other: NodeID, in after: Model
) -> [(before: GraphID, after: GraphID)] {
  let mine = before.attributes(of: node).filter { !$0.value.bodies.isEmpty }
  return mine.flatMap { attribute in
    let theirs = after.attribute(attribute.name, of: other)?.bodies ?? []
    return zip(attribute.value.bodies, theirs).map { (before: $0, after: $1) }
  }
}
