import Kernels
import TensorCore

extension Tensor {
  /// Each slice along the first axis multiplied by its factor; one rounding an element.
  public func scalingRows(by factors: some RealConvertible) throws -> Tensor {
    let factors = try factors.real()
    guard let rows = dimensions.first, factors.values.count == rows else {
      throw TensorError("\(factors.values.count) factors for \(dimensions)")
    }
    let rowLength = rows == 0 ? 0 : elementCount / rows
    guard elementType == .float32 else {
      let values = try doubles().enumerated().map { $1 * factors.values[$0 / rowLength] }
      return try Tensor(elementType, rounding: values, dimensions)
    }
    let scaled = try Tensor(.float32, dimensions) { target in
      withUnsafeBytes { scaleRows($0, rowLength: rowLength, by: factors.values, into: target) }
    }
    storage.releasePages()
    return scaled
  }

  /// Axes in the order of `permutation`, as `Transpose` does it.
  public func transposed(_ permutation: [Int]) throws -> Tensor {
    guard permutation.sorted() == Array(dimensions.indices), elementType.bitWidth % 8 == 0,
      elementType != .string
    else { throw TensorError("\(type) cannot be transposed by \(permutation)") }
    let width = elementType.bitWidth / 8
    var strides = [Int](repeating: width, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    let sizes = permutation.map { dimensions[$0] }
    return try Tensor(elementType, sizes) { target in
      withUnsafeBytes {
        copyStrided(
          $0, sizes: sizes, strides: permutation.map { strides[$0] }, elementWidth: width, into: target)
      }
    }
  }
}
