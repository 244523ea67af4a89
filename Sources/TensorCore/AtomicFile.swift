import CFileCopy

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears under its name complete or not at all.
///
/// What is written goes to a temporary file in the same folder, which `commit()` renames. Without a commit,
/// after any error too, the temporary file is removed and nothing has changed. A file that stood under the name
/// stays intact for whoever has it open or mapped, and goes only once its successor is on the disk: a power
/// failure leaves one or the other. A new file is left to the system's own time, as by `cp`, which is several
/// times faster: nothing that existed can be lost (Docs/Decisions/0004).
public struct AtomicFile: ~Copyable {
  public let path: String
  private let isOverwriting: Bool
  /// Whether a file stood under the name at the start.
  private let isReplacing: Bool
  /// Where `path` leads, through symbolic links.
  private let destination: String
  private let temporary: String
  /// -1 once closed.
  private var descriptor: Int32

  /// - Throws: `FileError` where `path` exists and `overwriting` is false, is no regular file, or its folder
  ///   does not exist or cannot be written to.
  public init(path: String, overwriting: Bool) throws {
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, reason: "is not a regular file")
    }
    guard !exists || overwriting else { throw FileError(path: path, reason: "already exists") }
    let destination = exists ? FilePath.resolvingLinks(path) ?? path : path
    let temporary = FilePath.joining(FilePath.folder(of: destination), Self.temporaryName())
    TemporaryFiles.add(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let error = FileError(path: path, errorNumber: errno)
      TemporaryFiles.forget(temporary)
      throw error
    }
    if exists { fchmod(descriptor, status.st_mode & 0o777) }
    self.path = path
    isOverwriting = overwriting
    isReplacing = exists
    self.destination = destination
    self.temporary = temporary
    self.descriptor = descriptor
  }

  deinit {
    defer { TemporaryFiles.forget(temporary) }
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = systemWrite(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(path: path, errorNumber: errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Bytes of another file, copied by the system where it can: then none of them passes through this process.
  public func write(_ file: MappedFile, range: Range<Int>) throws {
    var rest = range
    rest.removeFirst(copySystemwide(file, range))
    let piece = 8 << 20
    while !rest.isEmpty {
      let part = rest.prefix(piece)
      try file.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[part])) }
      file.releasePages(part)
      rest = rest.dropFirst(piece)
    }
  }

  /// How many of the bytes were copied, from the first on. What fails here is tried, and reported, by a write.
  private func copySystemwide(_ file: MappedFile, _ range: Range<Int>) -> Int {
    guard range.count >= Self.smallestSystemCopy, let source = file.reopen() else { return 0 }
    defer { close(source) }
    var position = Int64(range.lowerBound)
    while position < range.upperBound {
      let count = copyFileRange(source, &position, descriptor, range.upperBound - Int(position))
      if count == 0 || (count < 0 && errno != EINTR) { break }
    }
    return Int(position) - range.lowerBound
  }

  /// Fewer bytes are written from the mapping: opening the file again would take longer.
  private static let smallestSystemCopy = 64 << 10

  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Gives the file its name; where it replaces another, once every byte is on the disk.
  public consuming func commit() throws {
    guard !isReplacing || fsync(descriptor) == 0 else { throw FileError(path: path, errorNumber: errno) }
    let isClosed = close(descriptor) == 0
    let closeError = errno
    descriptor = -1
    do {
      guard isClosed else { throw FileError(path: path, errorNumber: closeError) }
      try takeName()
    } catch {
      unlink(temporary)
      throw error
    }
    if isReplacing { Self.synchronize(folder: FilePath.folder(of: destination)) }
  }

  /// Writes a whole file at once.
  public static func write(_ text: String, to path: String, overwriting: Bool) throws {
    let file = try AtomicFile(path: path, overwriting: overwriting)
    try file.write(text)
    try file.commit()
  }

  private func takeName() throws {
    if !isOverwriting {
      // Unlike a rename, a link never replaces what was put there meanwhile.
      if link(temporary, destination) == 0 {
        unlink(temporary)
        return
      }
      guard errno != EEXIST else { throw FileError(path: path, reason: "already exists") }
      // Some file systems have no links: there the check at the start has to do.
    }
    guard rename(temporary, destination) == 0 else { throw FileError(path: path, errorNumber: errno) }
  }

  /// Makes the new name last through a power failure; file systems that cannot are left alone.
  private static func synchronize(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func temporaryName() -> String {
    ".\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
