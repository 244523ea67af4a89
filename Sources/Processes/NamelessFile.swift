import Foundation
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file without a name, for what a process reads or writes. Unlike a pipe it takes all of it at once.
public final class NamelessFile {
  public let descriptor: Int32
  private let path: String

  /// An empty file.
  /// - Throws: `ProcessError`.
  public init() throws {
    let name = "workbench-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    path = FilePath.joining(NSTemporaryDirectory(), name)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ProcessError(errnoAt: path) }
    unlink(path)
  }

  /// A file that is read from its beginning.
  /// - Throws: `ProcessError`.
  public convenience init(_ text: String) throws {
    try self.init()
    var text = text
    try text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        guard count > 0 else { throw ProcessError(errnoAt: path) }
        written += count
      }
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  deinit { close(descriptor) }

  /// - Throws: `ProcessError`.
  public func contents() throws -> [UInt8] {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    return try [UInt8](unsafeUninitializedCapacity: max(0, size)) { buffer, filled in
      while filled < size {
        let count = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, size - filled, off_t(filled))
        guard count > 0 else { throw ProcessError(errnoAt: path) }
        filled += count
      }
    }
  }

  /// The last lines, without the space around them.
  public func tail(_ limit: Int = 2048) -> String {
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = pread(descriptor, &bytes, limit, max(0, size - off_t(limit)))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
