import TensorCore

/// Protocol-buffer messages under construction. Large tensor data is referred to, not copied: `bytes` is
/// everything else, and `blobs` says what belongs in between.
struct WireWriter {
  struct Blob {
    /// How many of `bytes` come before.
    var position: Int
    var storage: TensorStorage
  }

  /// A message that was begun and not ended.
  struct OpenMessage {
    fileprivate var start: Int
    fileprivate var firstBlob: Int
    fileprivate var byteCount: Int
  }

  /// Data of fewer bytes is copied: a reference costs a write of its own.
  static let smallestBlob = 16 * 1024

  private(set) var bytes: [UInt8] = []
  private(set) var blobs: [Blob] = []
  private var blobByteCount = 0

  /// The size of what was written, with the data that is referred to.
  var byteCount: Int { bytes.count + blobByteCount }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func tag(_ field: some FieldNumber, _ type: WireType) {
    varint(UInt64(field.rawValue) << 3 | UInt64(type.rawValue))
  }

  mutating func int(_ field: some FieldNumber, _ value: Int64) {
    tag(field, .varint)
    varint(UInt64(bitPattern: value))
  }

  mutating func float(_ field: some FieldNumber, _ value: Float) {
    tag(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func string(_ field: some FieldNumber, _ text: String) {
    tag(field, .bytes)
    varint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func bytes(_ field: some FieldNumber, _ content: [UInt8]) {
    tag(field, .bytes)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  mutating func data(_ field: some FieldNumber, _ storage: TensorStorage) {
    tag(field, .bytes)
    varint(UInt64(storage.byteCount))
    if storage.byteCount < Self.smallestBlob {
      storage.withUnsafeBytes { bytes.append(contentsOf: $0) }
      storage.releasePages()
    } else {
      blobs.append(Blob(position: bytes.count, storage: storage))
      blobByteCount += storage.byteCount
    }
  }

  /// Fields that were kept as they stood, with their tags.
  mutating func raw(_ fields: [UInt8]) {
    bytes.append(contentsOf: fields)
  }

  /// Starts a nested message, whose length is not known yet: one byte is left for it.
  mutating func begin(_ field: some FieldNumber) -> OpenMessage {
    tag(field, .bytes)
    bytes.append(0)
    return OpenMessage(start: bytes.count, firstBlob: blobs.count, byteCount: byteCount)
  }

  /// Puts the length in; where it takes more than one byte, the message moves up.
  mutating func end(_ message: OpenMessage) {
    var rest = UInt64(byteCount - message.byteCount)
    var more: [UInt8] = []
    var last = message.start - 1
    while rest >= 0x80 {
      if more.isEmpty { bytes[last] = UInt8(truncatingIfNeeded: rest) | 0x80 }
      rest >>= 7
      more.append(UInt8(truncatingIfNeeded: rest) | (rest >= 0x80 ? 0x80 : 0))
    }
    guard !more.isEmpty else {
      bytes[last] = UInt8(truncatingIfNeeded: rest)
      return
    }
    last += 1
    bytes.insert(contentsOf: more, at: last)
    for index in message.firstBlob..<blobs.count { blobs[index].position += more.count }
  }
}

// MARK: What the schema's defaults leave out

extension WireWriter {
  mutating func string(_ field: some FieldNumber, unlessEmpty text: String) {
    if !text.isEmpty { string(field, text) }
  }

  mutating func int(_ field: some FieldNumber, unlessZero value: Int64) {
    if value != 0 { int(field, value) }
  }

  mutating func strings(_ field: some FieldNumber, _ texts: [String]) {
    for text in texts { string(field, text) }
  }

  mutating func messages(_ field: some FieldNumber, _ contents: [[UInt8]]) {
    for content in contents { bytes(field, content) }
  }
}

// MARK: Output

extension WireWriter {
  /// Everything, in order, as ranges of `bytes` and tensor data.
  func forEachPart(
    bytes writeBytes: (UnsafeRawBufferPointer) throws -> Void, data writeData: (TensorStorage) throws -> Void
  ) rethrows {
    try bytes.withUnsafeBytes { bytes in
      var position = 0
      for blob in blobs {
        try writeBytes(UnsafeRawBufferPointer(rebasing: bytes[position..<blob.position]))
        try writeData(blob.storage)
        position = blob.position
      }
      try writeBytes(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }
  }

  /// Everything in memory.
  func joined() -> [UInt8] {
    if blobs.isEmpty { return bytes }
    return [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
      let target = UnsafeMutableRawBufferPointer(target)
      func append(_ part: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: target[count..<count + part.count]).copyMemory(from: part)
        count += part.count
      }
      forEachPart(bytes: append) { storage in storage.withUnsafeBytes(append) }
    }
  }
}
