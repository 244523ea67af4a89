extension GraphPicture {
  /// Gives nodes without a module, such as those that a pass made, the modules that what they read and what reads them
  /// have in common.
  mutating func completeModules() {
    guard nodes.contains(where: { !$0.scopes.isEmpty }) else { return }
    let graph = PictureGraph(self)
    for node in graph.order where nodes[node].isOperation && nodes[node].scopes.isEmpty {
      let before = graph.earlierPredecessors(of: node).first { !nodes[$0].scopes.isEmpty }
      let after = graph.successors(of: node).first { !nodes[$0].scopes.isEmpty }
      if let before, let after {
        nodes[node].scopes = nodes[before].scopes.commonPrefix(with: nodes[after].scopes)
      }
    }
  }
}
