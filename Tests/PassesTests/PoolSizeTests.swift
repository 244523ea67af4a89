import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import TensorCore
import Testing

/// Sizes of pools with `ceil_mode`: the standard leaves out a last place behind the input since version 22 only, and
/// ONNX's own shape inference counts it before; ONNX Runtime always leaves it out. What is inferred is what comes out.
@Suite struct PoolSizeTests {
  struct Operator: Sendable, CustomTestStringConvertible {
    let name: String
    let opset: Int
    var testDescription: String { "\(name) \(opset)" }
  }

  private static let windows = [
    "pads = [0, 0], kernel_shape = [1], strides = [2]", "pads = [0, 0], kernel_shape = [3], strides = [4]",
    "pads = [1, 2], kernel_shape = [3], strides = [3]", "pads = [2, 0], kernel_shape = [4], strides = [2]",
    "pads = [1, 2], kernel_shape = [4], strides = [5]",
    "auto_pad = \"VALID\", kernel_shape = [1], strides = [3]",
    "auto_pad = \"SAME_UPPER\", kernel_shape = [3], strides = [2]",
  ]

  @Test(arguments: [
    Operator(name: "MaxPool", opset: 10), Operator(name: "MaxPool", opset: 12),
    Operator(name: "MaxPool", opset: 21),
    Operator(name: "MaxPool", opset: 22), Operator(name: "AveragePool", opset: 10),
    Operator(name: "AveragePool", opset: 19), Operator(name: "AveragePool", opset: 22),
    Operator(name: "LpPool", opset: 18), Operator(name: "LpPool", opset: 22),
  ])
  func roundsUpAsTheRuntimeDoes(_ op: Operator) throws {
    let nodes = Self.windows.indices.map { "y\($0) = \(op.name) <ceil_mode = 1, \(Self.windows[$0])> (x)" }
    let outputs = Self.windows.indices.map { "y\($0)" }.joined(separator: ", ")
    for size in 4...9 {
      let named = try NamedModel(
        parsing: """
          <ir_version: 8, opset_import: ["": \(op.opset)]>
          g (float[1, 1, \(size)] x) => (\(outputs)) { \(nodes.joined(separator: " ")) }
          """)
      var model = try Model(named)
      ShapeInference.run(on: &model)
      let session = try OnnxRuntime.load().makeSession(
        .bytes(try ONNXFormat.encode(named), name: "pools"), .faithful)
      let input = try Tensor(float32: [Float](repeating: 1, count: size), [1, 1, size])
      for (output, result) in zip(model.outputs(of: model.mainGraph), try session.run(["x": input])) {
        #expect(model.shape(of: output)?.fixedSizes == result.tensor?.dimensions, "\(size)")
      }
    }
  }
}
