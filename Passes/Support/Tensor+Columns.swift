import TensorCore

extension Tensor {
  /// Matrices of as many rows side by side, or vectors end to end.
  /// - Throws: `TensorError` where ranks, rows or element types differ.
  static func columns(joining tensors: [Tensor]) throws -> Tensor {
    guard let first = tensors.first, first.rank == 1 || first.rank == 2, first.elementType.bitWidth % 8 == 0,
      first.elementType != .string
    else { throw TensorError("only matrices and vectors can be put side by side") }
    let rows = first.rank == 2 ? first.dimensions[0] : 1
    for tensor in tensors {
      guard tensor.elementType == first.elementType, tensor.rank == first.rank,
        tensor.rank == 1 || tensor.dimensions[0] == rows
      else { throw TensorError("\(tensor.type) does not fit beside \(first.type)") }
    }
    let width = first.elementType.bitWidth / 8
    let columns = tensors.map { $0.dimensions[$0.rank - 1] }
    let total = columns.reduce(0, +)
    return try Tensor(first.elementType, first.rank == 2 ? [rows, total] : [total]) { target in
      var column = 0
      for (tensor, count) in zip(tensors, columns) {
        tensor.withUnsafeBytes { source in
          for row in 0..<rows {
            let from = row * count * width, to = (row * total + column) * width
            UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + count * width)])
              .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<(from + count * width)]))
          }
        }
        tensor.storage.releasePages()
        column += count
      }
    }
  }
}
