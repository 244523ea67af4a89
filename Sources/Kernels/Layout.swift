/// Reverses the bytes of each element: `elementByteCount` bytes each, as many as fill both buffers.
public func swapByteOrder(
  _ source: UnsafeRawBufferPointer, elementByteCount: Int, into target: UnsafeMutableRawBufferPointer
) {
  precondition(source.count == target.count && elementByteCount > 0)
  for start in stride(from: 0, to: source.count / elementByteCount * elementByteCount, by: elementByteCount) {
    for offset in 0..<elementByteCount {
      target[start + elementByteCount - 1 - offset] = source[start + offset]
    }
  }
}

/// Turns column-major storage (the first axis varies fastest) into row-major. `dimensions` are those of the
/// array, and both buffers hold exactly that many elements.
public func makeRowMajor(
  _ source: UnsafeRawBufferPointer, dimensions: [Int], elementByteCount: Int,
  into target: UnsafeMutableRawBufferPointer
) {
  let count = dimensions.reduce(1, *)
  precondition(source.count == count * elementByteCount && target.count == source.count)
  var strides = [Int](repeating: 1, count: dimensions.count)
  for axis in dimensions.indices.dropFirst() { strides[axis] = strides[axis - 1] * dimensions[axis - 1] }
  var position = [Int](repeating: 0, count: dimensions.count)
  var from = 0
  for index in 0..<count {
    for byte in 0..<elementByteCount {
      target[index &* elementByteCount &+ byte] = source[from &* elementByteCount &+ byte]
    }
    var axis = dimensions.count - 1
    while axis >= 0 {
      position[axis] += 1
      from += strides[axis]
      if position[axis] < dimensions[axis] { break }
      from -= strides[axis] * dimensions[axis]
      position[axis] = 0
      axis -= 1
    }
  }
}

/// The largest byte, 0 for none.
public func largestByte(_ bytes: UnsafeRawBufferPointer) -> UInt8 {
  var largest: UInt8 = 0
  for byte in bytes { largest = max(largest, byte) }
  return largest
}
