import Kernels
import TensorCore

extension Tensor {
  /// Every element multiplied by the factor of its index of an axis; computed in Double, rounded once.
  /// - Throws: `TensorError` where factors or layout do not fit, for elements that are no real numbers of whole
  ///   bytes, and where a result cannot stand for the product: beyond the greatest number of the type, or in a
  ///   half-precision type so small throughout that its digits are lost.
  public func scaled(along layout: AxisLayout, by factors: [Double]) throws -> Tensor {
    guard elementType.isFloatingPoint, let format = elementType.numericFormat, elementType.bitWidth % 8 == 0,
      factors.count == layout.axisLength, elementCount == layout.elementCount
    else { throw TensorError("\(type) has no axis for \(factors.count) factors") }
    var largest: [Double] = []
    let scaled = try Tensor(elementType, dimensions) { target in
      withUnsafeBytes { source in
        largest =
          elementType == .float32
          ? scaleAxis(source, layout, by: factors, into: target)
          : scaleAxis(
            source, as: format, elementWidth: elementType.bitWidth / 8, layout, by: factors, into: target)
      }
    }
    storage.releasePages()
    guard largest.allSatisfy(\.isFinite) else { throw TensorError("a scaled weight is not finite") }
    if elementType == .float16, zip(largest, factors).contains(where: { $0 < 0x1p-14 && $1 != 0 }) {
      throw TensorError("scaled weights are too small for \(elementType)")
    }
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
    defer { storage.releasePages() }
    return try Tensor(elementType, sizes) { target in
      withUnsafeBytes {
        copyStrided(
          $0, sizes: sizes, strides: permutation.map { strides[$0] }, elementWidth: width, into: target)
      }
    }
  }
}
