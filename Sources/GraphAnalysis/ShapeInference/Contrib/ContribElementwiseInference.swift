import GraphIR
import TensorCore

/// ONNX Runtime's operators that compute each element, or each row, from those at the same place.
enum ContribElementwiseInference {
  static let operators: [String: InferenceFunction] = {
    var table: [String: InferenceFunction] = [
      "BiasGelu": broadcastPair, "BiasSplitGelu": splitGelu, "SwiGLU": gatedUnit,
      "QLinearAdd": quantizedPair, "QLinearMul": quantizedPair, "QLinearWhere": quantizedWhere,
      "MulInteger": { $0.result(.int32, $0.broadcastShape(of: [0, 2])) },
      "SkipLayerNormalization": skipNormalization, "SkipSimplifiedLayerNormalization": skipNormalization,
      "SkipGroupNorm": { $0.same(as: 0) + $0.same(as: 0) },
      "QuantizeLinear": { $0.result($0.has(2) ? $0.elementType(2) : .uint8, $0.shape(0)) },
      "DequantizeLinear": { $0.result($0.elementType(1), $0.shape(0)) },
      "NGramRepeatBlock": { $0.same(as: 1) }, "IsAllFinite": { $0.result(.bool, .scalar) },
      "MurmurHash3": { $0.result($0.int("positive") == 0 ? .int32 : .uint32, $0.shape(0)) },
    ]
    for name in keepingShape { table[name] = { $0.same(as: 0) } }
    return table
  }()

  private static let keepingShape = [
    "BiasAdd", "BiasDropout", "BiasSoftmax", "BitmaskBiasDropout", "BitmaskDropout", "FastGelu", "Gelu",
    "GroupNorm", "Inverse", "MoE", "QLinearLeakyRelu", "QLinearSigmoid",
    "QLinearSoftmax", "QMoE", "QuickGelu", "RotaryEmbedding", "ScaledSiLU", "Trilu",
  ]

  @Sendable private static func broadcastPair(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.broadcastShape(of: [0, 1]))
  }

  /// Each operand is followed by its scale and zero point.
  @Sendable private static func quantizedPair(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.broadcastShape(of: [0, 3]))
  }

  @Sendable private static func quantizedWhere(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(1), node.broadcastShape(of: [0, 1, 4]))
  }

  /// Half of the last axis gates the other half.
  @Sendable private static func splitGelu(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.halvedLastAxis)
  }

  @Sendable private static func gatedUnit(_ node: InferenceContext) -> [ValueType?] {
    node.has(1) ? node.same(as: 0) : node.result(node.elementType(0), node.halvedLastAxis)
  }

  /// Y; the statistics in between are not used in inference; then the sum that was normalized.
  @Sendable private static func skipNormalization(_ node: InferenceContext) -> [ValueType?] {
    node.same(as: 0) + [nil, nil] + node.same(as: 0)
  }
}

extension InferenceContext {
  fileprivate var halvedLastAxis: Shape? {
    shape(0).flatMap { shape in
      shape.dimensions.last.map { shape.replacing(shape.rank - 1, by: $0.exactlyDivided(by: 2)) }
    }
  }
}
