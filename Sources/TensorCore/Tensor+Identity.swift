import Kernels

extension Tensor {
  /// Whether type, sizes and every bit are the same. (NaNs with equal bits are the same; 0 and −0 are not.)
  ///
  /// Mapped pages are given back as they were read, so that comparing large weights takes no memory.
  public func isIdentical(to other: Tensor) -> Bool {
    guard elementType == other.elementType, dimensions == other.dimensions else { return false }
    if elementType == .string { return storage.strings == other.storage.strings }
    return storage.hasSameBytes(as: other.storage)
  }

  /// Equal for identical tensors; for telling candidates apart before comparing. Reads everything.
  public var contentHash: UInt64 {
    if let strings = storage.strings {
      return hashBytes(Array(strings.map(\.bytes).joined(separator: [0])), seed: UInt64(strings.count))
    }
    let seed = UInt64(truncatingIfNeeded: elementCount)
    defer { storage.releasePages() }
    return withUnsafeBytes { hashBytes($0, seed: seed) }
  }

  /// Equal for identical tensors, and almost always different for different weights of networks, from a few
  /// pages: the bytes at both ends and at even distances in between.
  public var sampledHash: UInt64 {
    let sampleSize = 64
    let sampleCount = 8
    guard storage.strings == nil, byteCount > 4096 else { return contentHash }
    defer { storage.releasePages() }
    let distance = (byteCount - sampleSize) / (sampleCount - 1)
    return withUnsafeBytes { bytes in
      (0..<sampleCount).reduce(UInt64(truncatingIfNeeded: elementCount)) { hash, index in
        // The last sample ends with the tensor.
        let start = index == sampleCount - 1 ? byteCount - sampleSize : index * distance
        return hashBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<start + sampleSize]), seed: hash)
      }
    }
  }
}

extension TensorStorage {
  fileprivate func hasSameBytes(as other: TensorStorage) -> Bool {
    if self === other { return true }
    guard byteCount == other.byteCount else { return false }
    if let mine = mapping, let its = other.mapping, mine.file === its.file, mine.range == its.range {
      return true
    }
    let piece = 8 << 20
    return withUnsafeBytes { mine in
      other.withUnsafeBytes { its in
        stride(from: 0, to: mine.count, by: piece).allSatisfy { start in
          let part = start..<min(start + piece, mine.count)
          defer {
            releasePages(part)
            other.releasePages(part)
          }
          return areEqualBytes(
            UnsafeRawBufferPointer(rebasing: mine[part]), UnsafeRawBufferPointer(rebasing: its[part]))
        }
      }
    }
  }
}
