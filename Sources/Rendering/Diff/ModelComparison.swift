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
  public private(set) var changes: [NodeID: Aspects] = [:]
  private let authors: Authors

  public struct Aspects: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let inputs = Aspects(rawValue: 1)
    public static let weights = Aspects(rawValue: 2)
    public static let attributes = Aspects(rawValue: 4)
  }

  public init(_ before: Model, _ after: Model, matching: ModelMatching? = nil) {
    let matching = matching ?? .between(before, after)
    self.before = before
    self.after = after
    self.matching = matching
    origins = Dictionary(matching.nodes.map { ($0.value, $0.key) }, uniquingKeysWith: min)
    authors = Authors(
      matching.isDerivation ? after.journal.entries.dropFirst(before.journal.entries.count) : [])
    for node in before.allNodes {
      guard let counterpart = matching.nodes[node] else { continue }
      let aspects = compare(node, counterpart)
      if !aspects.isEmpty { changes[node] = aspects }
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

  private func compare(_ node: NodeID, _ counterpart: NodeID) -> Aspects {
    var aspects: Aspects = []
    if !haveSameMeaning(before.attributes(of: node), after.attributes(of: counterpart)) {
      aspects.insert(.attributes)
    }
    for index in 0..<max(before.inputCount(of: node), after.inputCount(of: counterpart)) {
      aspects.formUnion(compare(before.input(index, of: node), after.input(index, of: counterpart)))
    }
    return aspects
  }

  /// What differs between an operand of `before` and one of `after`.
  ///
  /// A removed producer whose place a new one took is no difference here: it shows at the producers.
  func compare(_ old: ValueID?, _ new: ValueID?) -> Aspects {
    guard let old, let new else { return old == nil && new == nil ? [] : .inputs }
    if before.isFoldedConstant(old), after.isFoldedConstant(new) {
      return areIdenticalConstants(old, new) ? [] : .weights
    }
    switch (before.definition(of: old), after.definition(of: new)) {
    case (.node(let node, let output), .node(let other, let otherOutput)):
      if matching.nodes[node] == other { return output == otherOutput ? [] : .inputs }
      return matching.nodes[node] == nil && origins[other] == nil ? [] : .inputs
    case (.input, .input):
      return matching.inputs[old] == new ? [] : .inputs
    default:
      return .inputs
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

extension ModelComparison.Aspects {
  /// As in `weights, attributes`.
  var label: String {
    let names: [(aspect: Self, name: String)] = [
      (.inputs, "inputs"), (.weights, "weights"), (.attributes, "attributes"),
    ]
    return names.filter { contains($0.aspect) }.map(\.name).joined(separator: ", ")
  }
}
