import GraphIR
import TensorCore

/// Weights stored as integers with a scale for each channel of the result, which standard operators turn into floating
/// point: `Cast` and `Mul`. ONNX Runtime computes that once, when it loads the model; `DequantizeLinear` it would run
/// every time.
struct StoredWeights: Sendable {
  let layer: QuantizableLayer
  let weights: LevelledWeights

  func unpack(with rewriter: inout Rewriter) throws {
    let (node, graph) = (layer.node, rewriter.model.graph(of: layer.node))
    let type = ValueType.tensor(.float32, Shape(fixed: layer.weights.dimensions))
    let integers = try Tensor(
      .int4, rounding: weights.arranged(like: layer).map(Double.init), layer.weights.dimensions)
    let stored = rewriter.addConstant(integers, in: graph)
    let scales = rewriter.addConstant(try scales(), in: graph)
    let numbers = rewriter.value(
      of: "Cast", [stored], type: type,
      attributes: [Attribute("to", .int(Int64(ElementType.float32.rawValue)))], before: node)
    var inputs = rewriter.model.inputs(of: node)
    inputs[1] = rewriter.value(of: "Mul", [numbers, scales], type: type, before: node)
    if let bias = try weights.correctedBias(of: layer) {
      inputs = Array(inputs.prefix(2)) + [rewriter.addConstant(bias, in: graph)]
    }
    rewriter.setInputs(of: node, to: inputs)
  }

  private func scales() throws -> Tensor {
    let later = [Int](repeating: 1, count: max(layer.weights.rank - 1 - layer.axis, 0))
    return try Tensor(float32: weights.grid.scales, [layer.channels] + later)
  }
}
