import GraphIR

/// Nodes with a single entry and a single exit: nothing inside reads data from outside but `entry`, and nothing
/// outside reads anything from inside but `exit`. So replacing `exit` removes exactly these nodes.
///
/// `entry` may have other readers: the branch of a residual block begins at the value that the skip connection
/// reads as well.
public struct Region: Hashable, Sendable {
  public let entry: ValueID
  public let exit: ValueID
  /// In the graph's order.
  public let nodes: [NodeID]

  /// Whether `exit` could be `entry`, as far as types say: the same element type, and shapes that are equal for
  /// all sizes.
  public func hasEqualTypes(in model: Model) -> Bool {
    guard let a = model.type(of: entry)?.tensorType, let b = model.type(of: exit)?.tensorType,
      a.elementType == b.elementType, let first = a.shape, let second = b.shape
    else { return false }
    return first.isKnownEqual(to: second)
  }
}

/// A sum of two values that were one before: `node` adds a skip connection and a branch, or two branches.
public struct ResidualJoin: Hashable, Sendable {
  public struct Side: Hashable, Sendable {
    /// What the sum reads.
    public let value: ValueID
    /// Nodes that only this side needs; empty for a skip connection.
    public let nodes: [NodeID]
  }

  public let node: NodeID
  /// The last value on which both sides depend; nil where they come from different inputs.
  public let fork: ValueID?
  /// Two, in the order of the sum's inputs.
  public let sides: [Side]
}
