import GraphIR

extension Model {
  /// The node in the form of its operator's newest version, for passes that are no rewrites.
  public func view(of node: NodeID) -> NodeView { NodeView(model: self, node: node) }
}
