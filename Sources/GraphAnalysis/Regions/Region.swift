import GraphIR
import TensorCore

/// A single-entry single-exit part of a graph: all data reaches `nodes` through `entry`, and leaves them through
/// `exit`. Making the readers of `exit` read any other function of `entry` lets exactly `nodes` fall away (and
/// the constants and shape computations that only they read).
///
/// `entry` may have other readers outside: the branch of a residual block is a region whose entry is the value
/// that the skip connection reads, too.
public struct Region: Hashable, Sendable {
  public let entry: ValueID
  public let exit: ValueID
  /// In the graph's order.
  public let nodes: [NodeID]
  /// Index of the smallest region that encloses this one.
  public let parent: Int?

  public init(entry: ValueID, exit: ValueID, nodes: [NodeID], parent: Int?) {
    self.entry = entry
    self.exit = exit
    self.nodes = nodes
    self.parent = parent
  }

  /// Whether entry and exit are known to have the same element type and shape, so that the region can be
  /// bypassed.
  public func hasEqualTypes(in model: Model) -> Bool {
    model.haveKnownEqualTypes(entry, exit)
  }
}

extension Model {
  /// Whether both are tensors with the same element type and the same sizes for every value of the symbols.
  public func haveKnownEqualTypes(_ a: ValueID, _ b: ValueID) -> Bool {
    guard let a = type(of: a)?.tensorType, let b = type(of: b)?.tensorType, a.elementType == b.elementType,
      let shape = a.shape, let other = b.shape
    else { return false }
    return shape.isKnownEqual(to: other)
  }
}
