/// The bytes behind tensors, immutable and shared: a range of a mapped file, or memory of its own.
public final class TensorStorage: Sendable {
  private enum Contents: @unchecked Sendable {
    // Written once before the storage is shared, freed in deinit only.
    case owned(OwnedMemory)
    case mapped(MappedFile, Range<Int>)
    case strings([ByteString])
  }

  /// Owned memory is aligned for vector loads.
  public static let alignment = OwnedMemory.alignment

  private let contents: Contents

  /// New memory that `initialize` fills; it starts as zeros.
  public init(byteCount: Int, initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Void)
    rethrows
  {
    let memory = OwnedMemory(byteCount: byteCount)
    do {
      try initialize(memory.bytes)
    } catch {
      memory.free()
      throw error
    }
    contents = .owned(memory)
  }

  /// The bytes `range` of `file`; nil where the file does not have them.
  public init?(_ file: MappedFile, range: Range<Int>) {
    guard range.lowerBound >= 0, range.upperBound <= file.byteCount else { return nil }
    contents = .mapped(file, range)
  }

  public init(strings: [ByteString]) {
    contents = .strings(strings)
  }

  deinit {
    if case .owned(let memory) = contents { memory.free() }
  }

  public var byteCount: Int {
    switch contents {
    case .owned(let memory): memory.bytes.count
    case .mapped(_, let range): range.count
    case .strings: 0
    }
  }

  /// The elements of a string tensor, nil for any other.
  public var strings: [ByteString]? {
    if case .strings(let strings) = contents { strings } else { nil }
  }

  /// Where the bytes lie on disk, if they are mapped: what an external-data reference needs.
  public var fileRange: (path: String, range: Range<Int>)? {
    if case .mapped(let file, let range) = contents { (file.path, range) } else { nil }
  }

  /// The mapping that the bytes are part of, if they are mapped.
  public var mapping: (file: MappedFile, range: Range<Int>)? {
    if case .mapped(let file, let range) = contents { (file, range) } else { nil }
  }

  /// Mapped bytes keep the alignment that they have in their file: load them unaligned.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch contents {
    case .owned(let memory): try body(UnsafeRawBufferPointer(memory.bytes))
    case .mapped(let file, let range):
      try file.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .strings: try body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  /// After a mapped weight was read once, lets the system take its pages back. See `MappedFile.releasePages`.
  public func releasePages() {
    if case .mapped(let file, let range) = contents { file.releasePages(range) }
  }

  /// The same for the bytes `part` of the storage, which must lie within it.
  public func releasePages(_ part: Range<Int>) {
    guard case .mapped(let file, let range) = contents, part.upperBound <= range.count else { return }
    file.releasePages(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }
}

/// Bytes that are text most of the time: the format's strings need not be UTF-8.
public struct ByteString: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public var bytes: [UInt8]

  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The text, where the bytes are valid UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The text, with replacement characters for what is not UTF-8.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
