import GraphIR

/// What a node of a picture lies in, besides bodies of control flow: a module of the program that the model was
/// exported from, or a block that is drawn once for all its repetitions.
struct Scope: Hashable, Sendable {
  /// Of a module its name as the exporter wrote it; empty for a repetition.
  var name = ""
  /// How often the block is there; 1 for modules.
  var count = 1
  /// Tells repetitions apart; 0 for modules.
  var repetition = 0

  /// More levels than this help nobody.
  static let depthLimit = 12
}

extension Model {
  /// The modules around a node, outermost first: from metadata where the exporter wrote it, else from the node's name,
  /// as in `/layer1/layer1.0/conv1/Conv`. Empty where neither says anything.
  func modules(of node: NodeID) -> [Scope] {
    let noted = annotations(of: node).metadata.first { $0.key == "pkg.torch.onnx.name_scopes" }
    // The first is the whole model, the last the operation itself.
    let names = noted.map { Self.quotedParts(of: $0.value).dropFirst().dropLast() } ?? namedModules(of: node)
    return names.prefix(Scope.depthLimit).map { Scope(name: $0.shownEnd(atMost: 60)) }
  }

  private func namedModules(of node: NodeID) -> ArraySlice<String> {
    let name = name(of: node)
    guard name.utf8.count <= 1_000 else { return [] }
    return name.split(separator: "/").dropLast().map(String.init)[...]
  }

  /// What stands between quotation marks in a list as Python prints it.
  private static func quotedParts(of list: String) -> [String] {
    guard list.utf8.count <= 8_000 else { return [] }
    let parts = list.split(separator: "'", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
  }
}

extension Array where Element: Equatable {
  /// The longest beginning that both have.
  func commonPrefix(with other: [Element]) -> [Element] {
    Array(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
