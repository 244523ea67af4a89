import GraphIR
import Kernels
import TensorCore

/// A product in integers: x·W + b = (s·t)·(q·Q) + b, with x = s·(q − z) in unsigned bytes whose scale s and zero point z
/// the model computes, and W = Q·t in signed ones with a scale for each column.
struct DynamicProduct {
  /// What `DynamicQuantizeLinear` gives.
  struct Activations {
    let bytes: ValueID
    let scale: ValueID
    let zeroPoint: ValueID

    /// Puts it behind what computes `value`, so that all readers can share it; nil where there are none.
    init?(quantizing value: ValueID, with rewriter: inout Rewriter) {
      guard let successor = rewriter.firstNode(after: value) else { return nil }
      let shape = rewriter.model.shape(of: value)
      let node = rewriter.insert(
        OperatorName("DynamicQuantizeLinear"), inputs: [value],
        outputs: [.tensor(.uint8, shape), .tensor(.float32, []), .tensor(.uint8, [])], before: successor)
      let outputs = rewriter.model.outputs(of: node)
      (bytes, scale, zeroPoint) = (outputs[0], outputs[1], outputs[2])
    }
  }

  private let layer: QuantizableLayer
  private let activations: Activations

  init(_ layer: QuantizableLayer, _ activations: Activations) {
    self.layer = layer
    self.activations = activations
  }

  /// A product whose left operand is known to be no vector.
  static func canTake(_ layer: QuantizableLayer, in model: Model) -> Bool {
    model.operatorName(of: layer.node).name != "Conv" && model.shape(of: layer.input)?.rank ?? 0 >= 2
  }

  func replace(with rewriter: inout Rewriter) throws {
    let node = layer.node
    let output = rewriter.model.outputs(of: node)[0]
    let real = rewriter.model.type(of: output)
    var result = try scaled(integers(with: &rewriter), real, with: &rewriter)
    if let bias = layer.bias {
      let row = rewriter.addConstant(
        try bias.reshaped(to: [layer.channels]), in: rewriter.model.graph(of: node))
      result = rewriter.value(of: "Add", [result, row], type: real, before: node)
    }
    try rewriter.replaceAllUses(of: output, with: result)
    rewriter.eraseIfDead(node)
  }

  /// The sums of products, in 32 bits.
  private func integers(with rewriter: inout Rewriter) throws -> ValueID {
    let shape = rewriter.model.shape(of: rewriter.model.outputs(of: layer.node)[0])
    let matrix = rewriter.addConstant(try columns(), in: rewriter.model.graph(of: layer.node))
    return rewriter.value(
      of: "MatMulInteger", [activations.bytes, matrix, activations.zeroPoint], type: .tensor(.int32, shape),
      before: layer.node)
  }

  private func scaled(_ integers: ValueID, _ type: ValueType?, with rewriter: inout Rewriter) throws
    -> ValueID
  {
    let node = layer.node
    let columns = rewriter.addConstant(
      try Tensor(float32: layer.scales()), in: rewriter.model.graph(of: node))
    let product = rewriter.value(
      of: "Cast", [integers], type: type,
      attributes: [Attribute("to", .int(Int64(ElementType.float32.rawValue)))], before: node)
    let scale = rewriter.value(
      of: "Mul", [activations.scale, columns], type: .tensor(.float32, Shape(fixed: [layer.channels])),
      before: node)
    return rewriter.value(of: "Mul", [product, scale], type: type, before: node)
  }

  /// The weights as bytes, [inner, columns].
  private func columns() throws -> Tensor {
    let bytes = try layer.quantized(layer.scales())
    let sizes = layer.weights.dimensions
    guard layer.axis == 0 else { return try Tensor(.int8, elements: bytes, sizes) }
    return try Tensor(
      .int8, elements: transposed(bytes, rows: sizes[0], columns: sizes[1]), [sizes[1], sizes[0]])
  }
}
