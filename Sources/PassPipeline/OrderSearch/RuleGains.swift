import GraphIR

/// Which application gained what, from a model's edit journal.
public struct RuleGains: Sendable {
  public struct Gain: Hashable, Sendable {
    public var author: String
    public var applications: Int
    /// Nodes removed less nodes made, `Constant` nodes not counted.
    public var nodes: Int
  }

  /// The greatest gain first, then by name.
  public let gains: [Gain]

  public init(_ model: Model) {
    var byAuthor: [String: Gain] = [:]
    for entry in model.journal.entries {
      let nodes = model.operatorCount(entry.erased) - model.operatorCount(entry.created)
      var gain = byAuthor[entry.author] ?? Gain(author: entry.author, applications: 0, nodes: 0)
      gain.applications += 1
      gain.nodes += nodes
      byAuthor[entry.author] = gain
    }
    gains = byAuthor.values.sorted { $0.nodes != $1.nodes ? $0.nodes > $1.nodes : $0.author < $1.author }
  }
}

extension Model {
  fileprivate func operatorCount(_ nodes: [NodeID]) -> Int {
    nodes.count { operatorName(of: $0) != OperatorName("Constant") }
  }
}
