import GraphIR
import TensorCore

/// A model from ONNX's textual syntax; operator set 21 where the text does not begin with one.
func parsed(_ text: String) throws -> Model {
  let header = "<ir_version: 10, opset_import: [\"\" : 21, \"local\" : 1, \"ai.onnx.ml\" : 3]>\n"
  return try Model(NamedModel(parsing: text.hasPrefix("<") ? text : header + text))
}

extension Model {
  /// The value with this name in any graph.
  func value(_ name: String) -> ValueID? {
    let computed = allNodes.flatMap { outputs(of: $0) }
    let given = allGraphs.flatMap { inputs(of: $0) + initializers(of: $0) }
    return (computed + given).first { self.name(of: $0) == name }
  }

  func typeText(_ name: String) -> String {
    value(name).flatMap { type(of: $0) }.map { "\($0)" } ?? "?"
  }

  /// The name of a node is that of its first output.
  func names(of nodes: [NodeID]) -> String {
    nodes.map { name(of: outputs(of: $0)[0]) }.joined(separator: " ")
  }
}
