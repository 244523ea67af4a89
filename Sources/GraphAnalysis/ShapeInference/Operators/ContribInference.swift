import GraphIR
import TensorCore

/// Operators that ONNX Runtime's own optimizer puts into models.
enum ContribInference {
  static let operators: [String: InferenceFunction] = {
    var table: [String: InferenceFunction] = [
      "FusedMatMul": fusedMatMul, "SkipLayerNormalization": skipNormalization,
      "SkipSimplifiedLayerNormalization": skipNormalization,
    ]
    for name in ["BiasGelu", "FastGelu", "Gelu", "QuickGelu"] { table[name] = { $0.same(as: 0) } }
    return table
  }()

  @Sendable private static func fusedMatMul(_ node: InferenceContext) -> [ValueType?] {
    let isPlain = ["transA", "transB", "transBatchA", "transBatchB"].allSatisfy { !node.flag($0) }
    return node.result(node.elementType(0), isPlain ? node.matrixProduct(0, 1) : nil)
  }

  /// Y; the statistics in between are not used in inference; then the sum that was normalized.
  @Sendable private static func skipNormalization(_ node: InferenceContext) -> [ValueType?] {
    node.same(as: 0) + [nil, nil] + node.same(as: 0)
  }
}
