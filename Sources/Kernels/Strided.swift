/// Copies elements of `elementWidth` bytes, whose offsets are `index · strides`, into row-major order.
public func copyStrided(
  _ source: UnsafeRawBufferPointer, sizes: [Int], strides: [Int], elementWidth: Int,
  into target: UnsafeMutableRawBufferPointer
) {
  guard !sizes.contains(0) else { return }
  var index = [Int](repeating: 0, count: sizes.count)
  var offset = 0
  var written = 0
  while true {
    for byte in 0..<elementWidth { target[written &+ byte] = source[offset &+ byte] }
    written &+= elementWidth
    var axis = sizes.count - 1
    while axis >= 0 {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < sizes[axis] { break }
      offset -= strides[axis] * sizes[axis]
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}
