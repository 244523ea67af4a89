import TensorCore

/// One message between a worker and whoever asks it: a header in JSON, and behind it the bytes of tensors
/// and models.
///
/// On the wire, numbers little-endian: `WBF1`, UInt32 byte count of the header, UInt64 byte count of the
/// blobs, the header, the blobs. The header says how the blobs are divided.
struct Frame: Sendable {
  var header: [UInt8]
  var blobs = BlobWriter()

  static let magic = Array("WBF1".utf8)
  static let prefixByteCount = 16
  static let maximumHeaderByteCount = 64 << 20
  static let maximumBlobByteCount = 16 << 30

  var prefix: [UInt8] {
    Self.magic + littleEndianBytes(UInt32(clamping: header.count))
      + littleEndianBytes(UInt64(blobs.byteCount))
  }

  /// The byte counts that a prefix announces.
  /// - Throws: `WorkerError.garbage` where it is none, or they are beyond the limits.
  static func byteCounts(prefix: [UInt8]) throws -> (header: Int, blobs: Int) {
    guard prefix.count == prefixByteCount, prefix.starts(with: magic) else { throw WorkerError.garbage }
    let header = littleEndianNumber(prefix[4..<8])
    let blobs = littleEndianNumber(prefix[8..<16])
    guard header <= maximumHeaderByteCount, blobs <= maximumBlobByteCount else { throw WorkerError.garbage }
    return (Int(header), Int(blobs))
  }
}

/// A tensor in a header; its bytes are a blob.
struct TensorRecord: Codable, Hashable, Sendable {
  var elementType: ElementType
  var dimensions: [Int]
  var byteCount: Int
}

/// What goes behind a header, in order. Tensors are not copied.
struct BlobWriter: Sendable {
  enum Blob: Sendable {
    case bytes([UInt8])
    case tensor(Tensor)
  }

  private(set) var blobs: [Blob] = []
  private(set) var byteCount = 0

  mutating func add(_ bytes: [UInt8]) -> Int {
    blobs.append(.bytes(bytes))
    byteCount += bytes.count
    return bytes.count
  }

  mutating func add(_ tensor: Tensor) -> TensorRecord {
    var count = tensor.byteCount
    if let strings = tensor.storage.strings {
      count = add(strings.flatMap { littleEndianBytes(UInt32(clamping: $0.bytes.count)) + $0.bytes })
    } else {
      blobs.append(.tensor(tensor))
      byteCount += count
    }
    return TensorRecord(elementType: tensor.elementType, dimensions: tensor.dimensions, byteCount: count)
  }
}

/// Divides the blobs behind a header, in order.
struct BlobReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func next(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - offset else { throw WorkerError.garbage }
    defer { offset += count }
    return bytes[offset..<(offset + count)]
  }

  mutating func next(_ record: TensorRecord) throws -> Tensor {
    let contents = try next(record.byteCount)
    guard record.elementType != .string else {
      return try Tensor(strings: Self.strings(contents), record.dimensions)
    }
    return try Tensor(record.elementType, record.dimensions) { target in
      guard target.count == contents.count else { throw WorkerError.garbage }
      contents.withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }

  private static func strings(_ contents: ArraySlice<UInt8>) throws -> [ByteString] {
    var strings: [ByteString] = []
    var rest = contents
    while !rest.isEmpty {
      guard rest.count >= 4 else { throw WorkerError.garbage }
      let length = Int(littleEndianNumber(rest.prefix(4)))
      rest = rest.dropFirst(4)
      guard length <= rest.count else { throw WorkerError.garbage }
      strings.append(ByteString(bytes: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return strings
  }
}

private func littleEndianBytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

private func littleEndianNumber(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
