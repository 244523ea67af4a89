import GraphIR

/// A small, named edit that may change results: what a search tries, alone and together with others.
public struct Candidate: Sendable {
  /// The strategy that proposed it.
  public let strategy: String
  /// What kind of part it changes, for people: `branch`, `layer`.
  public let kind: String
  /// Short, and unique within one list of candidates.
  public let title: String
  /// The nodes that go, in order.
  public let nodes: [NodeID]
  public let edit: any CandidateEdit
  public let saving: Saving

  public init(
    strategy: String, kind: String, title: String, nodes: [NodeID], edit: any CandidateEdit, saving: Saving
  ) {
    self.strategy = strategy
    self.kind = kind
    self.title = title
    self.nodes = nodes
    self.edit = edit
    self.saving = saving
  }

  /// Applies the edit to a model, which may have seen other candidates already.
  /// - Throws: `ModelError` where what it changes is gone, or no longer fits.
  public func apply(to model: inout Model) throws {
    do {
      try edit.apply(to: &model, as: "\(strategy): \(title)")
    } catch let error as ModelError {
      throw ModelError("'\(title)' \(error.message)", node: error.node, file: error.file, hint: error.hint)
    }
  }
}

/// How a candidate changes a model.
public protocol CandidateEdit: Sendable {
  /// - Parameter name: what the edit journal calls it.
  /// - Throws: `ModelError`, whose message goes on after the candidate's title.
  func apply(to model: inout Model, as name: String) throws
}

/// What a model no longer needs.
public struct Saving: Hashable, Sendable, Codable {
  public var nodes: Int
  public var parameters: Int
  /// Of weights.
  public var bytes: Int
  /// Multiply-accumulate operations of one sample.
  public var macs: Int

  public init(nodes: Int = 0, parameters: Int = 0, bytes: Int = 0, macs: Int = 0) {
    self.nodes = nodes
    self.parameters = parameters
    self.bytes = bytes
    self.macs = macs
  }

  public static func + (a: Saving, b: Saving) -> Saving {
    Saving(
      nodes: a.nodes + b.nodes, parameters: a.parameters + b.parameters, bytes: a.bytes + b.bytes,
      macs: a.macs + b.macs)
  }
}
