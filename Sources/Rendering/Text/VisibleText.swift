import GraphIR

extension String {
  /// At most `limit` scalars of it, none of which hides or reorders the others: how pictures and pages show the text
  /// of a file.
  public func visible(atMost limit: Int) -> String { shown(atMost: limit) }
}

extension Model {
  /// What a picture calls a node: the first line of its tooltip, and so the same for all pictures of it.
  public func pictureName(of node: NodeID) -> String {
    let name = name(of: node)
    let result = outputs(of: node).first { !isOmitted($0) }
    let shown = name.isEmpty ? result.map { self.name(of: $0) } ?? "" : name
    return "\("\(operatorName(of: node))".shown(atMost: 80)) \(shown.shown(atMost: 400))"
  }
}

extension GraphPicture.Node {
  /// As `Model.pictureName` has it; nil for what is no node of the model.
  public var name: String? {
    guard case .operation = kind else { return nil }
    return String(tooltip.prefix { $0 != "\n" })
  }
}

extension GraphPicture {
  /// Of all nodes of the model that these stand for.
  func names(of members: some Sequence<Int>) -> [String] {
    members.flatMap { (nodes[$0].name.map { [$0] } ?? []) + nodes[$0].inner }
  }
}
