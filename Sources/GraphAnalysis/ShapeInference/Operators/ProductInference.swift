import GraphIR
import TensorCore

/// Matrix products.
enum ProductInference {
  static let operators: [String: InferenceFunction] = [
    "Gemm": gemm, "Einsum": einsum, "Det": determinant,
    "MatMul": { $0.result($0.elementType(0), $0.matrixProduct(0, 1)) },
    "MatMulInteger": { $0.result(.int32, $0.matrixProduct(0, 1)) },
    "QLinearMatMul": { $0.result($0.elementType(7), $0.matrixProduct(0, 3)) },
  ]

  /// [M, K] · [K, N], each possibly given transposed.
  @Sendable private static func gemm(_ node: InferenceContext) -> [ValueType?] {
    let rows = matrixSize(node, 0, axis: node.flag("transA") ? 1 : 0)
    let columns = matrixSize(node, 1, axis: node.flag("transB") ? 0 : 1)
    return node.result(node.elementType(0), Shape([rows, columns]))
  }

  private static func matrixSize(_ node: InferenceContext, _ input: Int, axis: Int) -> Dimension {
    guard let shape = node.shape(input), shape.rank == 2 else { return .unknown }
    return shape[axis]
  }

  @Sendable private static func determinant(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { $0.rank >= 2 ? Shape($0.dimensions.dropLast(2)) : nil }
    return node.result(node.elementType(0), shape)
  }

  @Sendable private static func einsum(_ node: InferenceContext) -> [ValueType?] {
    let operands = node.inputs.indices.map { node.shape($0) }
    let shape = node.string("equation").flatMap(EinsumEquation.init).flatMap { equation in
      equation.outputShape(of: operands)
    }
    return node.result(node.elementType(0), shape)
  }
}

extension InferenceContext {
  /// The shape of a product as NumPy's `matmul` defines it: leading axes are broadcast, an operand of rank 1
  /// is a row or a column that the result lacks.
  func matrixProduct(_ left: Int, _ right: Int) -> Shape? {
    guard let a = shape(left), let b = shape(right), a.rank > 0, b.rank > 0 else { return nil }
    let inner = a[a.rank - 1]
    guard !inner.contradicts(b[b.rank == 1 ? 0 : b.rank - 2]) else { return nil }
    let batch = Shape(a.dimensions.dropLast(2)).broadcast(with: Shape(b.dimensions.dropLast(2)))
    let rows = a.rank > 1 ? [a[a.rank - 2]] : []
    let columns = b.rank > 1 ? [b[b.rank - 1]] : []
    return batch.map { Shape($0.dimensions + rows + columns) }
  }
}
