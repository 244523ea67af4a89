import GraphIR

/// What differs between two models as a list: for people in a terminal, and for scripts.
///
/// Constants have no lines of their own; they show as changed weights of the nodes that read them.
public struct ModelDifferences: Sendable, Hashable, Encodable {
  public struct Node: Sendable, Hashable, Encodable {
    /// `removed`, `added` or `changed`.
    public let change: String
    public let op: String
    /// The node's name, or that of its first output.
    public let name: String
    /// Of changed nodes: `inputs`, `weights`, and the names of attributes.
    public let parts: [String]
  }

  /// An input, an output or an operator set that differs; nil where a model has it not.
  public struct Declaration: Sendable, Hashable, Encodable {
    /// `input`, `output` or `opset`.
    public let kind: String
    public let name: String
    public let before: String?
    public let after: String?
  }

  public let declarations: [Declaration]
  /// Removed and changed ones in the order of the first model, then added ones in the order of the second.
  public let nodes: [Node]
  /// Nodes that both have, with the same inputs, weights and attributes.
  public let unchanged: Int

  public var isEmpty: Bool { declarations.isEmpty && nodes.isEmpty }

  public func count(_ mark: Mark) -> Int { nodes.count { $0.change == mark.name } }

  public init(_ comparison: ModelComparison) {
    let (before, after) = (comparison.before, comparison.after)
    var nodes: [Node] = []
    var unchanged = 0
    for node in before.allNodes where !before.isFoldedConstant(node) {
      if comparison.matching.nodes[node] == nil {
        nodes.append(Node(.removed, node, of: before))
      } else if let change = comparison.changes[node] {
        nodes.append(Node(.changed, node, of: before, parts: change.parts))
      } else {
        unchanged += 1
      }
    }
    for node in after.allNodes where !after.isFoldedConstant(node) && comparison.origins[node] == nil {
      nodes.append(Node(.added, node, of: after))
    }
    self.nodes = nodes
    self.unchanged = unchanged
    declarations = Self.declarations(before, after)
  }

  private static func declarations(_ before: Model, _ after: Model) -> [Declaration] {
    let (old, new) = (before.declarations, after.declarations)
    return zip(old, new).flatMap { old, new in
      let mine = Dictionary(old.entries, uniquingKeysWith: { first, _ in first })
      let theirs = Dictionary(new.entries, uniquingKeysWith: { first, _ in first })
      let names = old.entries.map(\.key) + new.entries.map(\.key).filter { mine[$0] == nil }
      return names.compactMap { name in
        mine[name] == theirs[name]
          ? nil : Declaration(kind: old.kind, name: name, before: mine[name], after: theirs[name])
      }
    }
  }
}

extension ModelDifferences.Node {
  fileprivate init(_ mark: Mark, _ node: NodeID, of model: Model, parts: [String] = []) {
    let own = model.name(of: node)
    self.init(
      change: mark.name, op: model.operatorName(of: node).description,
      name: own.isEmpty ? model.outputs(of: node).first.map { model.label(of: $0) } ?? "" : own, parts: parts)
  }
}

extension Mark {
  /// For reports.
  public var name: String {
    switch self {
    case .removed: "removed"
    case .changed: "changed"
    case .added: "added"
    }
  }
}

extension ModelComparison.Change {
  /// What changed, in words.
  fileprivate var parts: [String] {
    (hasOtherInputs ? ["inputs"] : []) + (hasOtherWeights ? ["weights"] : []) + attributes
  }
}

extension Model {
  /// What a model says of itself, each kind in the order of the file.
  fileprivate var declarations: [(kind: String, entries: [(key: String, value: String)])] {
    func described(_ name: String, _ value: ValueID) -> (key: String, value: String) {
      (name, type(of: value)?.description ?? "unknown type")
    }
    return [
      ("input", inputs(of: mainGraph).map { described(name(of: $0), $0) }),
      ("output", zip(outputNames(of: mainGraph), outputs(of: mainGraph)).map(described)),
      (
        "opset",
        header.opsetImports.map { ($0.domain.isEmpty ? "ai.onnx" : $0.domain, "version \($0.version)") }
      ),
    ]
  }
}
