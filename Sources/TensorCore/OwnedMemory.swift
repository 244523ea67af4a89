#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory that starts as zeros, to be freed once.
///
/// Large blocks come from the system page by page, which has to clear them anyway: clearing them here would touch
/// every page twice. It is asked for huge pages, since each fault on a small one costs as much as filling it.
struct OwnedMemory {
  static let alignment = 64
  private static let smallestMapping = 1 << 20

  let bytes: UnsafeMutableRawBufferPointer
  private let isMapped: Bool

  init(byteCount: Int) {
    if byteCount >= Self.smallestMapping, let bytes = Self.map(byteCount) {
      self.bytes = bytes
      isMapped = true
    } else {
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(byteCount, 1), alignment: Self.alignment)
      // `initializeMemory` goes byte by byte through generic code in debug builds.
      if let start = buffer.baseAddress { memset(start, 0, buffer.count) }
      bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount])
      isMapped = false
    }
  }

  func free() {
    if isMapped { munmap(bytes.baseAddress, bytes.count) } else { bytes.deallocate() }
  }

  /// Nil where the system refuses.
  private static func map(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { return nil }
    #if canImport(Glibc) || canImport(Musl)
      madvise(address, byteCount, MADV_HUGEPAGE)
    #endif
    return UnsafeMutableRawBufferPointer(start: address, count: byteCount)
  }
}
