import Foundation
import GraphIR

/// Names of nodes, with `*` for any characters and `?` for one.
public struct LayerPattern: Hashable, Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  /// - Parameter name: of a node, or of its first output where it has none.
  func matches(_ name: String) -> Bool { fnmatch(text, name, 0) == 0 }
}

extension Model {
  /// For patterns and tables: the name, or that of the first output where the node has none.
  func layerName(of node: NodeID) -> String {
    let name = name(of: node)
    return name.isEmpty ? outputs(of: node).first.map { label(of: $0) } ?? label(of: node) : name
  }
}
