import GraphIR

/// A small, named edit that may change results: what a search tries, alone and together with others.
public struct Candidate: Sendable {
  /// How the part that goes is bound into the graph.
  public enum Kind: String, Sendable, Codable {
    /// One operator, whose output becomes one of its inputs.
    case layer
    /// Several nodes between one entry and one exit.
    case region
    /// The branch of a residual join: the skip connection is kept.
    case branch
    /// The skip connection of a residual join: the branch is kept.
    case skip
  }

  /// The strategy that proposed it.
  public let strategy: String
  public let kind: Kind
  /// Short, and unique within one list of candidates.
  public let title: String
  /// The nodes that go, in order.
  public let nodes: [NodeID]
  /// Readers of `exit` read `replacement` instead.
  public let exit: ValueID
  public let replacement: ValueID
  public let saving: Saving

  public init(
    strategy: String, kind: Kind, title: String, nodes: [NodeID], exit: ValueID, replacement: ValueID,
    saving: Saving
  ) {
    self.strategy = strategy
    self.kind = kind
    self.title = title
    self.nodes = nodes
    self.exit = exit
    self.replacement = replacement
    self.saving = saving
  }
}

/// What a model no longer needs.
public struct Saving: Hashable, Sendable, Codable {
  public var nodes: Int
  public var parameters: Int
  /// Multiply-accumulate operations of one sample.
  public var macs: Int

  public init(nodes: Int = 0, parameters: Int = 0, macs: Int = 0) {
    self.nodes = nodes
    self.parameters = parameters
    self.macs = macs
  }
}

extension Candidate {
  /// Applies the edit to a model, which may have seen other candidates already.
  /// - Throws: `ModelError` where the values are gone, or no longer fit each other.
  public func apply(to model: inout Model) throws {
    guard !model.isErased(exit), let replacement = model.current(replacement), replacement != exit else {
      throw ModelError("'\(title)' no longer applies")
    }
    guard model.computes(replacement, without: exit) else {
      throw ModelError("'\(title)' would make the graph cyclic")
    }
    let producer = model.producer(of: exit)
    try model.edit(as: "\(strategy): \(title)") { rewriter in
      try rewriter.replaceAllUses(of: exit, with: replacement)
      if let producer { rewriter.eraseIfDead(producer) }
    }
  }
}

/// Proposes candidates of one kind of change. Adding a strategy is adding a conformance.
public protocol CandidateGenerator: Sendable {
  /// How `--strategies` calls it.
  static var name: String { get }
  init()
  /// In a deterministic order.
  func candidates(for model: Model) throws -> [Candidate]
}

extension Model {
  /// Whether `value` does not depend on `other`, so that it may stand in for it.
  fileprivate func computes(_ value: ValueID, without other: ValueID) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    while let next = pending.popLast() {
      if next == other { return false }
      guard seen.insert(next).inserted, let producer = producer(of: next) else { continue }
      pending += inputs(of: producer).compactMap { $0 } + captures(of: producer)
    }
    return true
  }
}
