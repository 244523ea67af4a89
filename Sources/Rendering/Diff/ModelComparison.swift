import GraphIR
import TensorCore

/// What differs between two models, node by node.
public struct ModelComparison: Sendable {
  public let before: Model
  public let after: Model
  public let matching: ModelMatching
  /// From `after` to `before`.
  let origins: [NodeID: NodeID]
  /// What changed in nodes that both have, by their handles in `before`.
  public private(set) var changes: [NodeID: Change] = [:]
  private let authors: Authors

  public struct Change: Hashable, Sendable {
    /// Whether the node reads other values.
    public var hasOtherInputs = false
    /// Whether a constant that it reads is another, or is new or gone.
    public var hasOtherWeights = false
    /// The names of its attributes with other values.
    public var attributes: [String] = []

    public var isEmpty: Bool { self == Change() }
  }

  public init(_ before: Model, _ after: Model, matching: ModelMatching? = nil) {
    let matching = matching ?? .between(before, after)
    self.before = before
    self.after = after
    self.matching = matching
    origins = Dictionary(matching.nodes.map { ($0.value, $0.key) }, uniquingKeysWith: min)
    authors = Authors(
      matching.isDerivation ? after.journal.entries.dropFirst(before.journal.entries.count) : [])
    var schemas = (before: SchemaCache(), after: SchemaCache())
    for node in before.allNodes {
      guard let counterpart = matching.nodes[node] else { continue }
      let change = compare(node, counterpart, &schemas)
      if !change.isEmpty { changes[node] = change }
    }
  }

  /// The rules or candidates that removed a node of `before`, or made or changed a node of `after`.
  func authors(of mark: Mark, _ node: NodeID) -> [String] {
    switch mark {
    case .removed: authors.erased[node] ?? []
    case .added: authors.created[node] ?? []
    case .changed: authors.changed[node] ?? []
    }
  }

  // MARK: Comparing

  private func compare(
    _ node: NodeID, _ counterpart: NodeID, _ schemas: inout (before: SchemaCache, after: SchemaCache)
  ) -> Change {
    var change = Change()
    change.attributes = differingAttributes(
      before.attributes(of: node), after.attributes(of: counterpart),
      schemas: (
        a: schemas.before.schema(of: node, in: before), b: schemas.after.schema(of: counterpart, in: after)
      ))
    for index in 0..<max(before.inputCount(of: node), after.inputCount(of: counterpart)) {
      let (old, new) = (before.input(index, of: node), after.input(index, of: counterpart))
      guard !areSame(old, new) else { continue }
      if isConstantOrNone(old, in: before), isConstantOrNone(new, in: after) {
        change.hasOtherWeights = true
      } else {
        change.hasOtherInputs = true
      }
    }
    return change
  }

  private func isConstantOrNone(_ value: ValueID?, in model: Model) -> Bool {
    value.map { model.isFoldedConstant($0) } ?? true
  }

  /// Whether an operand of `before` and one of `after` are the same.
  ///
  /// A removed producer whose place a new one took counts as the same: the difference shows at the producers.
  func areSame(_ old: ValueID?, _ new: ValueID?) -> Bool {
    guard let old, let new else { return old == nil && new == nil }
    if before.isFoldedConstant(old), after.isFoldedConstant(new) { return areIdenticalConstants(old, new) }
    switch (before.definition(of: old), after.definition(of: new)) {
    case (.node(let node, let output), .node(let other, let otherOutput)):
      if matching.nodes[node] == other { return output == otherOutput }
      return matching.nodes[node] == nil && origins[other] == nil
    case (.input, .input): return matching.inputs[old] == new
    default: return false
    }
  }

  private func areIdenticalConstants(_ old: ValueID, _ new: ValueID) -> Bool {
    if let a = before.constant(old), let b = after.constant(new) { return a.isIdentical(to: b) }
    if let a = before.sparseTensor(of: old), let b = after.sparseTensor(of: new) { return a.isSame(as: b) }
    return false
  }
}

/// Who did what to which node, from the journal; each name once, in the order of the edits.
private struct Authors: Sendable {
  var created: [NodeID: [String]] = [:]
  var erased: [NodeID: [String]] = [:]
  var changed: [NodeID: [String]] = [:]

  init(_ entries: ArraySlice<EditJournal.Entry>) {
    for entry in entries {
      for node in entry.created { note(entry.author, &created[node, default: []]) }
      for node in entry.erased { note(entry.author, &erased[node, default: []]) }
      for node in entry.changed { note(entry.author, &changed[node, default: []]) }
    }
  }

  private func note(_ author: String, _ names: inout [String]) {
    if names.count < 4, !names.contains(author) { names.append(author) }
  }
}

extension ModelComparison.Change {
  /// As in `weights, strides`.
  var label: String {
    let names = attributes.prefix(3).map { $0.shown(atMost: 24) } + (attributes.count > 3 ? ["…"] : [])
    return ((hasOtherInputs ? ["inputs"] : []) + (hasOtherWeights ? ["weights"] : []) + names)
      .joined(separator: ", ")
  }
}
