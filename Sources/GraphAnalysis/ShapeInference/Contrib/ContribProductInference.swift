import GraphIR
import TensorCore

/// ONNX Runtime's matrix products: fused with transpositions and activations, or of quantized weights.
enum ContribProductInference {
  static let operators: [String: InferenceFunction] = [
    "FusedMatMul": fusedMatMul, "TransposeMatMul": fusedMatMul, "FusedMatMulActivation": fusedMatMul,
    "FusedGemm": { $0.result($0.elementType(0), $0.gemmShape(0, 1)) },
    "GemmFloat8": { $0.result($0.elementType(attribute: "dtype"), $0.gemmShape(0, 1)) },
    "QGemm": { $0.result($0.has(8) ? $0.elementType(8) : .float32, $0.gemmShape(0, 3)) },
    "GemmFastGelu": { $0.result($0.elementType(0), $0.matrixProduct(0, 1)) },
    "DynamicQuantizeMatMul": { $0.result($0.elementType(0), $0.matrixProduct(0, 1)) },
    "MatMulInteger16": { $0.result(.int32, $0.matrixProduct(0, 1)) },
    "MatMulIntegerToFloat": { $0.result($0.elementType(2), $0.matrixProduct(0, 1)) },
    "MatMulNBits": packedWeights, "MatMulBnb4": bitsAndBytes, "CDist": distances,
  ]

  @Sendable private static func fusedMatMul(_ node: InferenceContext) -> [ValueType?] {
    let a = node.shape(0)?.transposed(axes: node.flag("transA"), batch: node.flag("transBatchA"))
    let b = node.shape(1)?.transposed(axes: node.flag("transB"), batch: node.flag("transBatchB"))
    return node.result(node.elementType(0), a.flatMap { a in b.flatMap(a.matrixProduct) })
  }

  /// [..., K] times weights [K, N] that are packed some way.
  @Sendable private static func packedWeights(_ node: InferenceContext) -> [ValueType?] {
    let columns = node.int("N").map(Dimension.fixed) ?? .unknown
    return node.result(node.elementType(0), node.shape(0)?.replacingLast(by: columns))
  }

  @Sendable private static func bitsAndBytes(_ node: InferenceContext) -> [ValueType?] {
    let columns = node.int(node.int("transB") == 0 ? "K" : "N").map(Dimension.fixed) ?? .unknown
    return node.result(node.elementType(0), node.shape(0)?.replacingLast(by: columns))
  }

  /// Between all rows of [M, D] and all of [N, D].
  @Sendable private static func distances(_ node: InferenceContext) -> [ValueType?] {
    let rows = (0..<2).map { node.shape($0).flatMap(\.dimensions.first) ?? .unknown }
    return node.result(node.elementType(0), Shape(rows))
  }
}

extension Shape {
  /// An operand of a product, as it is multiplied.
  /// - Parameters:
  ///   - axes: whether the last two axes are exchanged.
  ///   - batch: whether the first axis comes behind those of the batch, before the last.
  fileprivate func transposed(axes: Bool, batch: Bool) -> Shape {
    var sizes = dimensions
    if batch, rank > 2 { sizes.insert(sizes.removeFirst(), at: rank - 2) }
    if axes, rank > 1 { sizes.swapAt(rank - 1, rank - 2) }
    return Shape(sizes)
  }

  fileprivate func replacingLast(by size: Dimension) -> Shape? {
    rank > 0 ? replacing(rank - 1, by: size) : nil
  }
}
