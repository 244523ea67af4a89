extension Model {
  /// The schema of the node's operator in the version that its graph imports; nil for unknown operators.
  public func schema(of node: NodeID) -> OperatorSchema? {
    let name = operatorName(of: node)
    guard let version = opset(name.domain, in: graph(of: node)) else { return nil }
    return OperatorSchema.lookup(name, opset: version)
  }
}
