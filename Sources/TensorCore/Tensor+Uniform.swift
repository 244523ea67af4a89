import Kernels

extension Tensor {
  /// The number that every element is, bit by bit (0 and −0 differ); nil where elements differ, where there are
  /// none, and for strings and complex numbers.
  ///
  /// Stops at the first difference, so that asking a large weight costs next to nothing.
  public var uniformValue: Double? {
    guard elementCount > 0, let format = elementType.numericFormat else { return nil }
    let width = elementType.bitWidth / 8
    guard width > 0, elementType.bitWidth % 8 == 0 else { return packedUniformValue }
    defer { storage.releasePages() }
    return withUnsafeBytes { bytes in
      let shifted = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(width))
      guard areEqualBytes(UnsafeRawBufferPointer(rebasing: bytes.dropLast(width)), shifted) else {
        return nil
      }
      return decodeNumbers(bytes, count: 1, as: format).first
    }
  }

  private var packedUniformValue: Double? {
    guard let values = try? doubles(), let first = values.first else { return nil }
    return values.allSatisfy { $0.bitPattern == first.bitPattern } ? first : nil
  }
}
