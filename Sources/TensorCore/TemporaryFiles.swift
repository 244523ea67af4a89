import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The temporary files that this process has at the moment, so that a signal that ends it can remove them.
public enum TemporaryFiles {
  private static let slotCount = 64

  /// Each the address of a path, or 0. Never freed: a signal may come at any time.
  private nonisolated(unsafe) static let slots = {
    let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: slotCount)
    for index in 0..<slotCount { (slots + index).initialize(to: Atomic(0)) }
    return slots
  }()

  /// Held by all but the signal handler.
  private static let changing = Mutex(())

  /// Where too many are kept already, a path is not, and its file would stay after a signal.
  static func add(_ path: String) {
    guard let copy = strdup(path) else { return }
    let isKept = changing.withLock { _ in
      (0..<slotCount).contains { index in
        slots[index].compareExchange(expected: 0, desired: UInt(bitPattern: copy), ordering: .relaxed)
          .exchanged
      }
    }
    if !isKept { free(copy) }
  }

  /// A path that the signal handler took out of its slot meanwhile is left to it.
  static func forget(_ path: String) {
    changing.withLock { _ in
      for index in 0..<slotCount {
        let address = slots[index].load(ordering: .relaxed)
        guard let kept = UnsafeMutablePointer<CChar>(bitPattern: address), strcmp(kept, path) == 0 else {
          continue
        }
        if slots[index].compareExchange(expected: address, desired: 0, ordering: .relaxed).exchanged {
          free(kept)
        }
      }
    }
  }

  /// Called once before `removeAll` may be called from a signal handler, which can make nothing.
  public static func prepare() { _ = slots }

  /// Removes all of them. Does only what a signal handler may.
  public static func removeAll() {
    for index in 0..<slotCount {
      let address = slots[index].exchange(0, ordering: .relaxed)
      guard let path = UnsafePointer<CChar>(bitPattern: address) else { continue }
      unlink(path)
    }
  }
}
