/// Copies elements of `elementWidth` bytes, whose byte offsets are `index · strides`, into row-major order.
public func copyStrided(
  _ source: UnsafeRawBufferPointer, sizes: [Int], strides: [Int], elementWidth: Int,
  into target: UnsafeMutableRawBufferPointer
) {
  guard !sizes.contains(0) else { return }
  switch elementWidth {
  case 1: copyTiles(source, sizes, strides, into: target, as: UInt8.self)
  case 2: copyTiles(source, sizes, strides, into: target, as: UInt16.self)
  case 4: copyTiles(source, sizes, strides, into: target, as: UInt32.self)
  case 8: copyTiles(source, sizes, strides, into: target, as: UInt64.self)
  default: copyElements(source, sizes, strides, elementWidth, into: target)
  }
}

/// An element at a time, of any width.
private func copyElements(
  _ source: UnsafeRawBufferPointer, _ sizes: [Int], _ strides: [Int], _ width: Int,
  into target: UnsafeMutableRawBufferPointer
) {
  var positions = StridedPositions(sizes: sizes, strides: strides)
  var written = 0
  repeat {
    for byte in 0..<width { target[written &+ byte] = source[positions.offset &+ byte] }
    written &+= width
  } while positions.advance()
}

/// In squares of the two axes along which target and source are contiguous, so that both stay in the cache.
@inline(__always)
private func copyTiles<Element: FixedWidthInteger & BitwiseCopyable>(
  _ source: UnsafeRawBufferPointer, _ sizes: [Int], _ strides: [Int],
  into target: UnsafeMutableRawBufferPointer, as type: Element.Type
) {
  let width = MemoryLayout<Element>.size
  guard let inner = sizes.indices.last else {
    return target.storeBytes(of: source.loadUnaligned(as: type), as: type)
  }
  // The axis along which the source is contiguous; the only one where that is the last.
  let across = sizes.indices.first { strides[$0] == width && sizes[$0] > 1 } ?? inner
  var targetStrides = [Int](repeating: width, count: sizes.count)
  for axis in sizes.indices.dropLast().reversed() {
    targetStrides[axis] = targetStrides[axis + 1] * sizes[axis + 1]
  }
  let others = sizes.indices.filter { $0 != inner && $0 != across }
  let rows = across == inner ? 1 : sizes[across]
  let (step, rowStep) = (strides[inner], across == inner ? 0 : strides[across])
  let targetRowStep = across == inner ? 0 : targetStrides[across]
  var from = StridedPositions(sizes: others.map { sizes[$0] }, strides: others.map { strides[$0] })
  var to = StridedPositions(sizes: others.map { sizes[$0] }, strides: others.map { targetStrides[$0] })
  let tile = 32
  repeat {
    for firstRow in stride(from: 0, to: rows, by: tile) {
      for first in stride(from: 0, to: sizes[inner], by: tile) {
        for row in firstRow..<min(firstRow &+ tile, rows) {
          let (a, b) = (from.offset &+ row &* rowStep, to.offset &+ row &* targetRowStep)
          for column in first..<min(first &+ tile, sizes[inner]) {
            target.storeBytes(
              of: source.loadUnaligned(fromByteOffset: a &+ column &* step, as: type),
              toByteOffset: b &+ column &* width, as: type)
          }
        }
      }
    }
    _ = to.advance()
  } while from.advance()
}

/// Offsets of all positions of an array, in row-major order.
private struct StridedPositions {
  let sizes: [Int]
  let strides: [Int]
  private var index: [Int]
  private(set) var offset = 0

  init(sizes: [Int], strides: [Int]) {
    self.sizes = sizes
    self.strides = strides
    index = [Int](repeating: 0, count: sizes.count)
  }

  /// False where there is no next one.
  mutating func advance() -> Bool {
    for axis in sizes.indices.reversed() {
      index[axis] &+= 1
      offset &+= strides[axis]
      if index[axis] < sizes[axis] { return true }
      offset &-= strides[axis] &* sizes[axis]
      index[axis] = 0
    }
    return false
  }
}
