import GraphIR
import TensorCore

/// Conversions between real numbers and their quantized form.
enum QuantizationInference {
  static let operators: [String: InferenceFunction] = [
    "QuantizeLinear": quantize, "DequantizeLinear": dequantize, "DynamicQuantizeLinear": dynamicQuantize,
  ]

  /// To the zero point's type, or the one that the attribute names, or bytes.
  @Sendable private static func quantize(_ node: InferenceContext) -> [ValueType?] {
    let named = node.elementType(attribute: "output_dtype")
    let target = node.has(2) ? node.elementType(2) ?? named : named ?? .uint8
    return node.result(target, node.shape(0))
  }

  /// To the scale's type, or the one that the attribute names; before version 19 always to float.
  @Sendable private static func dequantize(_ node: InferenceContext) -> [ValueType?] {
    let named = node.elementType(attribute: "output_dtype")
    return node.result(named ?? (node.opset < 19 ? .float32 : node.elementType(1)), node.shape(0))
  }

  @Sendable private static func dynamicQuantize(_ node: InferenceContext) -> [ValueType?] {
    node.result(.uint8, node.shape(0)) + node.result(.float32, .scalar) + node.result(.uint8, .scalar)
  }
}
