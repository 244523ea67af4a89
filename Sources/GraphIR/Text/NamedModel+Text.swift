extension NamedModel {
  /// Reads a model in ONNX's textual syntax (`docs/Syntax.md` of the ONNX project); `Docs/TextSyntax.md` says what
  /// is understood beyond it.
  ///
  /// - Parameter file: where the text comes from: errors name it, and external data lies in its folder.
  /// - Throws: `ModelError` with line and column.
  public init(parsing text: String, file: String? = nil) throws {
    self = try TextParser.parse(text, file: file) { try $0.model() }
  }
}

extension NamedGraph {
  /// Reads `name (inputs) => (outputs) <initializers and types> { nodes }`.
  ///
  /// - Throws: `ModelError` with line and column.
  public init(parsing text: String, file: String? = nil) throws {
    self = try TextParser.parse(text, file: file) { try $0.graph() }
  }
}

extension NamedNode {
  /// Reads nodes, as they stand between a graph's braces.
  ///
  /// - Throws: `ModelError` with line and column.
  public static func list(parsing text: String, file: String? = nil) throws -> [NamedNode] {
    try TextParser.parse(text, file: file) { parser in
      var nodes: [NamedNode] = []
      while parser.token.kind != .end { nodes.append(try parser.node()) }
      return nodes
    }
  }
}
