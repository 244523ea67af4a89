import GraphIR
import TensorCore

/// Normalizations keep the shape of their first input; some return their statistics too.
enum NormalizationInference {
  static let operators: [String: InferenceFunction] = [
    "BatchNormalization": batch, "LayerNormalization": layer,
    "InstanceNormalization": { $0.same(as: 0) }, "GroupNormalization": { $0.same(as: 0) },
    "SimplifiedLayerNormalization": layer, "RMSNormalization": { $0.same(as: 0) }, "LRN": { $0.same(as: 0) },
    "LpNormalization": { $0.same(as: 0) }, "MeanVarianceNormalization": { $0.same(as: 0) },
  ]

  /// Y, then statistics of one number per channel.
  @Sendable private static func batch(_ node: InferenceContext) -> [ValueType?] {
    let channels = node.shape(3) ?? node.shape(0).flatMap { $0.rank > 1 ? Shape([$0[1]]) : nil }
    let statistics = node.result(node.elementType(3) ?? node.elementType(0), channels)
    return node.same(as: 0) + statistics + statistics + statistics + statistics
  }

  /// Y, then mean and inverse deviation: of size 1 along the axes that were normalized.
  @Sendable private static func layer(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let axis = node.axis(of: shape) else { return nil }
      let ones = [Dimension](repeating: 1, count: shape.rank - axis)
      return Shape(shape.dimensions.prefix(axis) + ones)
    }
    let statistics = node.result(node.elementType(attribute: "stash_type"), shape)
    return node.same(as: 0) + statistics + statistics
  }
}
