import Foundation
import TensorCore

/// One message between a worker and whoever asks it: a header in JSON, and the bytes of tensors or models
/// behind it.
///
/// On the wire, numbers little-endian: `"WBF1"`, UInt32 byte count of the header, UInt64 byte count of the
/// blobs, the header, the blobs. The header says how the blobs are divided.
struct Frame: Sendable {
  var header: [UInt8]
  var blobs: [UInt8]

  static let magic = Array("WBF1".utf8)
  static let prefixByteCount = 16
  static let maximumHeaderByteCount = 64 << 20
  static let maximumBlobByteCount = 16 << 30

  /// The frame's prefix.
  var prefix: [UInt8] {
    Self.magic + Self.littleEndian(UInt64(header.count)).prefix(4) + Self.littleEndian(UInt64(blobs.count))
  }

  /// The byte counts that a prefix announces.
  /// - Throws: `WorkerError.garbage` where it is none, or they are beyond the limits.
  static func byteCounts(prefix: [UInt8]) throws -> (header: Int, blobs: Int) {
    guard prefix.count == prefixByteCount, prefix.starts(with: magic) else { throw WorkerError.garbage }
    let header = prefix[4..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let blobs = prefix[8..<16].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard header <= maximumHeaderByteCount, blobs <= maximumBlobByteCount else { throw WorkerError.garbage }
    return (Int(header), Int(blobs))
  }

  private static func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}

/// How a header refers to its blobs: each takes the next bytes.
struct BlobWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ contents: [UInt8]) -> Int {
    bytes += contents
    return contents.count
  }

  mutating func add(_ tensor: Tensor) -> TensorRecord {
    let start = bytes.count
    if let strings = tensor.storage.strings {
      for string in strings {
        bytes += withUnsafeBytes(of: UInt32(clamping: string.bytes.count).littleEndian) { Array($0) }
        bytes += string.bytes
      }
    } else {
      tensor.withUnsafeBytes { bytes += $0 }
    }
    return TensorRecord(
      elementType: tensor.elementType, dimensions: tensor.dimensions, byteCount: bytes.count - start)
  }
}

/// A tensor in a header; its bytes are a blob.
struct TensorRecord: Codable, Hashable, Sendable {
  var elementType: ElementType
  var dimensions: [Int]
  var byteCount: Int
}

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
    guard record.elementType == .string else {
      return try Tensor(record.elementType, record.dimensions) { target in
        guard target.count == contents.count else { throw WorkerError.garbage }
        contents.withUnsafeBytes { target.copyMemory(from: $0) }
      }
    }
    return try Tensor(strings: Self.strings(contents), record.dimensions)
  }

  private static func strings(_ contents: ArraySlice<UInt8>) throws -> [ByteString] {
    var strings: [ByteString] = []
    var rest = contents
    while !rest.isEmpty {
      guard rest.count >= 4 else { throw WorkerError.garbage }
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { throw WorkerError.garbage }
      strings.append(ByteString(bytes: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return strings
  }
}
