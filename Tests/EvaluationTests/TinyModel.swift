import Evaluation
import GraphIR
import ONNXFormat

/// Models for tests, in ONNX's textual syntax: a graph, wrapped into a model of opset 17.
struct TinyModel {
  var bytes: [UInt8]

  init(_ graph: String) throws {
    let text = "<ir_version: 8, opset_import: [\"\" : 17, \"ai.onnx.ml\" : 1]>\n\(graph)"
    bytes = try ONNXFormat.encode(NamedModel(parsing: text))
  }

  var source: SessionSource { .bytes(bytes, name: "tiny") }

  /// `y = x · w` with `w` [2, 3].
  static func linear(_ weights: [Float] = [1, 0, 0, 0, 1, 0], batch: String = "N") throws -> TinyModel {
    let elements = weights.map { "\($0)" }.joined(separator: ", ")
    return try TinyModel(
      "g (float[\(batch),2] x) => (float[\(batch),3] y) <float[2,3] w = {\(elements)}> { y = MatMul(x, w) }")
  }

  /// `y` has the type of `x`.
  static func unary(_ op: String, _ type: String = "float[N]") throws -> TinyModel {
    try TinyModel("g (\(type) x) => (\(type) y) { y = \(op)(x) }")
  }
}
