import Foundation
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file without a name, for what a process writes.
final class NamelessFile {
  let descriptor: Int32

  /// - Throws: `WorkerError.notStarted`.
  init() throws {
    let name = "workbench-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let path = FilePath.joining(NSTemporaryDirectory(), name)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw WorkerError.notStarted("\(path): \(String(cString: strerror(errno)))")
    }
    unlink(path)
  }

  deinit { close(descriptor) }

  /// The last lines, without the space around them.
  func tail(_ limit: Int = 2048) -> String {
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = pread(descriptor, &bytes, limit, max(0, size - off_t(limit)))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
