import GraphIR

/// Where a model declares another type than its operators give. Inference goes on with the inferred one.
public struct InferenceFinding: Hashable, Sendable, CustomStringConvertible {
  public let node: NodeID
  /// As in `'conv1' (Conv)`.
  public let label: String
  /// Lower case, without a full stop.
  public let message: String

  public init(node: NodeID, label: String, message: String) {
    self.node = node
    self.label = label
    self.message = message
  }

  public var description: String { "node \(label): \(message)" }
}
