import GraphIR
import PassPipeline

extension Model {
  /// Lets each of the nodes read its table before a scaling that nothing else reads, as long as other attributes can
  /// make up for it.
  ///
  /// - Parameter attributes: those of the node where it reads the table before the scaling; nil to keep the scaling.
  mutating func foldScalings(
    into nodes: [NodeID], as pass: String,
    attributes: (NodeID, ColumnScaling, Model) -> [Attribute]?
  ) {
    for node in nodes {
      while let (scaling, source, attributes) = foldableScaling(before: node, attributes) {
        edit(as: pass) { rewriter in
          rewriter.setInputs(of: node, to: [source])
          rewriter.setAttributes(of: node, to: attributes)
          rewriter.eraseIfDead(scaling)
        }
      }
    }
  }

  private func foldableScaling(
    before node: NodeID, _ attributes: (NodeID, ColumnScaling, Model) -> [Attribute]?
  ) -> (scaling: NodeID, source: ValueID, attributes: [Attribute])? {
    guard let table = input(0, of: node), hasOneUse(table), let producer = producer(of: table),
      graph(of: producer) == graph(of: node), let scaling = ColumnScaling(giving: table, in: self)
    else { return nil }
    return attributes(node, scaling, self).map {
      (scaling: producer, source: scaling.source, attributes: $0)
    }
  }
}
