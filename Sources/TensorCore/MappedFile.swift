#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file's bytes, mapped read-only: nothing is read before it is touched, and nothing is copied.
///
/// The mapping stays valid when the file is renamed or replaced by renaming another over it. A file that is
/// *truncated in place* meanwhile makes the process fault on access, as with every mapping.
public final class MappedFile: Sendable {
  public let path: String
  public let byteCount: Int
  private let version: FileVersion
  // Never written to and unmapped only in deinit, so that sharing it between threads is safe.
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  public init(path: String) throws {
    // Without O_NONBLOCK a named pipe would be waited for, and only then refused.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path: path, errorNumber: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, errorNumber: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, reason: "is not a regular file")
    }
    self.path = path
    version = FileVersion(status)
    byteCount = Int(status.st_size)
    guard byteCount > 0 else {
      base = nil
      return
    }
    guard let address = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
    else { throw FileError(path: path, errorNumber: errno) }
    base = UnsafeRawPointer(address)
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }
  }

  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// Whether `path` still leads to the very bytes that are mapped: not if another file was put there since.
  public var isCurrent: Bool {
    var status = stat()
    return stat(path, &status) == 0 && FileVersion(status) == version
  }

  /// A descriptor of the very bytes that are mapped, for the caller to close; nil where another file took the
  /// name, or this one changed. None is kept open, since a model may have thousands of data files.
  func reopen() -> Int32? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileVersion(status) == version else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Tells the system that these bytes will not be needed soon, so that they stop counting as resident.
  /// They are read from the file again when touched. Few bytes of a small file are not worth the call.
  public func releasePages(_ range: Range<Int>) {
    guard let base, !range.isEmpty, range.lowerBound >= 0, range.upperBound <= byteCount,
      range.count >= 64 << 10 || byteCount >= 32 << 20
    else { return }
    // The system may have mapped as much as a huge page around a byte that was read.
    let window = 2 << 20
    let address = Int(bitPattern: base)
    let start = max(address, (address + range.lowerBound) / window * window)
    let end = min(address + byteCount, (address + range.upperBound + window - 1) / window * window)
    madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_DONTNEED)
  }
}

/// What tells one state of a file from another without reading it.
private struct FileVersion: Equatable {
  var device: UInt64
  var inode: UInt64
  var byteCount: Int64
  var modified: Int64
  var modifiedNanoseconds: Int64

  init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
    byteCount = Int64(status.st_size)
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    modified = Int64(time.tv_sec)
    modifiedNanoseconds = Int64(time.tv_nsec)
  }
}

/// A file that could not be read or written, and why.
public struct FileError: Error, CustomStringConvertible {
  public let path: String
  public let reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public init(path: String, errorNumber: Int32) {
    self.init(path: path, reason: String(cString: strerror(errorNumber)).lowercasedFirst)
  }

  public var description: String { "\(path): \(reason)" }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
