import GraphIR
import TensorCore

/// Matrix products.
enum ProductInference {
  static let operators: [String: InferenceFunction] = [
    "Gemm": { $0.result($0.elementType(0), $0.gemmShape(0, 1)) }, "Einsum": einsum, "Det": determinant,
    "MatMul": { $0.result($0.elementType(0), $0.matrixProduct(0, 1)) },
    "MatMulInteger": { $0.result(.int32, $0.matrixProduct(0, 1)) },
    "QLinearMatMul": { $0.result($0.elementType(7), $0.matrixProduct(0, 3)) },
  ]

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
  /// The shape of a product of [M, K] and [K, N], each given transposed where an attribute says so.
  func gemmShape(_ left: Int, _ right: Int) -> Shape {
    let rows = matrixSize(left, axis: flag("transA") ? 1 : 0)
    return [rows, matrixSize(right, axis: flag("transB") ? 0 : 1)]
  }

  private func matrixSize(_ input: Int, axis: Int) -> Dimension {
    guard let shape = shape(input), shape.rank == 2 else { return .unknown }
    return shape[axis]
  }

  func matrixProduct(_ left: Int, _ right: Int) -> Shape? {
    shape(left).flatMap { a in shape(right).flatMap(a.matrixProduct) }
  }
}

extension Shape {
  /// The shape of a product as NumPy's `matmul` defines it: leading axes are broadcast, an operand of rank 1
  /// is a row or a column that the result lacks.
  func matrixProduct(_ other: Shape) -> Shape? {
    guard rank > 0, other.rank > 0 else { return nil }
    guard !self[rank - 1].contradicts(other[other.rank == 1 ? 0 : other.rank - 2]) else { return nil }
    let batch = Shape(dimensions.dropLast(2)).broadcast(with: Shape(other.dimensions.dropLast(2)))
    let rows = rank > 1 ? [self[rank - 2]] : []
    let columns = other.rank > 1 ? [other[other.rank - 1]] : []
    return batch.map { Shape($0.dimensions + rows + columns) }
  }
}
