import Kernels

/// A cursor over the fields of one protocol-buffer message. It reads from memory that it does not own, copies
/// nothing that is not asked for, and throws `DecodingFailure` for whatever is malformed.
///
/// All offsets count from the start of `source`, so that they are file offsets.
struct WireReader {
  /// As other readers of the format have it (100 is the default of the Protocol Buffers libraries).
  static let maximumDepth = 100

  let source: UnsafeRawBufferPointer
  private(set) var position: Int
  private let end: Int
  private let depth: Int

  /// - Precondition: `range` lies within `source`.
  init(_ source: UnsafeRawBufferPointer, _ range: Range<Int>? = nil, depth: Int = 0) {
    self.source = source
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? source.count
    self.depth = depth
    precondition(position >= 0 && end <= source.count)
  }

  var range: Range<Int> { position..<end }

  /// The next field's tag, or nil at the end of the message. The payload must be read or skipped before the
  /// next call.
  mutating func nextField() throws -> WireField? {
    guard position < end else { return nil }
    let start = position
    let tag = try varint()
    guard let type = WireType(rawValue: Int(tag & 7)), tag >> 3 > 0, tag >> 3 < 1 << 29 else {
      throw DecodingFailure("no valid field", at: start)
    }
    return WireField(number: Int(tag >> 3), type: type, start: start, payload: position)
  }

  /// The bytes of a message, string or packed field.
  mutating func range(of field: WireField) throws -> Range<Int> {
    try expect(.bytes, field)
    let length = try varint()
    guard length <= UInt64(end - position) else {
      throw DecodingFailure(
        "field \(field.number) claims \(length) bytes where \(end - position) are left", at: field.start)
    }
    let range = position..<position + Int(length)
    position = range.upperBound
    return range
  }

  mutating func message(_ field: WireField) throws -> WireReader {
    guard depth < Self.maximumDepth else {
      throw DecodingFailure("messages are nested more than \(Self.maximumDepth) deep", at: field.start)
    }
    return WireReader(source, try range(of: field), depth: depth + 1)
  }

  mutating func int64(_ field: WireField) throws -> Int64 {
    try expect(.varint, field)
    return Int64(bitPattern: try varint())
  }

  mutating func int(_ field: WireField) throws -> Int {
    Int(truncatingIfNeeded: try int64(field))
  }

  mutating func float(_ field: WireField) throws -> Float {
    try expect(.fixed32, field)
    return Float(bitPattern: try fixed(UInt32.self))
  }

  mutating func skip(_ field: WireField) throws {
    switch field.type {
    case .varint: _ = try varint()
    case .fixed64: _ = try fixed(UInt64.self)
    case .fixed32: _ = try fixed(UInt32.self)
    case .bytes: _ = try range(of: field)
    case .startGroup: try skipGroup(field)
    case .endGroup: throw DecodingFailure("a group ends that was not begun", at: field.start)
    }
  }

  func expect(_ type: WireType, _ field: WireField) throws {
    guard field.type == type else {
      throw DecodingFailure(
        "field \(field.number) is encoded as \(field.type) where \(type) is expected", at: field.start)
    }
  }

  /// Groups nest without lengths; a stack of their numbers, not recursion, finds the end.
  private mutating func skipGroup(_ field: WireField) throws {
    var open = [field.number]
    while let last = open.last {
      guard open.count <= Self.maximumDepth, let inner = try nextField() else {
        throw DecodingFailure("a group does not end", at: field.start)
      }
      switch inner.type {
      case .startGroup: open.append(inner.number)
      case .endGroup where inner.number == last: open.removeLast()
      default: try skip(inner)
      }
    }
  }

  /// Seven bits a byte, lowest first; the highest bit says that more follow.
  mutating func varint() throws -> UInt64 {
    guard position < end else { throw DecodingFailure("the data ends within a field", at: position) }
    let first = source[position]
    if first < 0x80 {
      position += 1
      return UInt64(first)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard position < end else { throw DecodingFailure("the data ends within a field", at: start) }
      let byte = source[position]
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw DecodingFailure("a number takes more than 64 bits", at: start)
  }

  private mutating func fixed<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type
  ) throws -> Number {
    guard end - position >= MemoryLayout<Number>.size else {
      throw DecodingFailure("the data ends within a field", at: position)
    }
    defer { position += MemoryLayout<Number>.size }
    return Number(littleEndian: source.loadUnaligned(fromByteOffset: position, as: Number.self))
  }
}

// MARK: Repeated numbers

extension WireReader {
  /// One number, or where they are packed all of them.
  mutating func append(_ field: WireField, to numbers: inout [Int64]) throws {
    if field.type == .bytes {
      var packed = WireReader(source, try range(of: field), depth: depth)
      while packed.position < packed.end { numbers.append(Int64(bitPattern: try packed.varint())) }
    } else {
      repeat { numbers.append(try int64(field)) } while skipRepeatedTag(of: field)
    }
  }

  mutating func append(_ field: WireField, to numbers: inout [Float]) throws {
    if field.type == .bytes {
      var packed = WireReader(source, try range(of: field), depth: depth)
      while packed.position < packed.end { numbers.append(Float(bitPattern: try packed.fixed(UInt32.self))) }
    } else {
      repeat { numbers.append(try float(field)) } while skipRepeatedTag(of: field)
    }
  }

  /// The bytes of one number of `type`, or where they are packed of all of them.
  mutating func range(ofPackable field: WireField, _ type: WireType) throws -> Range<Int> {
    if field.type == .bytes { return try range(of: field) }
    try expect(type, field)
    try skip(field)
    return field.payload..<position
  }

  /// Numbers that are not packed follow one another, each with the same tag: reads that tag, if it is next.
  private mutating func skipRepeatedTag(of field: WireField) -> Bool {
    let length = field.payload - field.start
    guard end - position >= length else { return false }
    for index in 0..<length where source[position + index] != source[field.start + index] { return false }
    position += length
    return true
  }
}

// MARK: Text and bytes

extension WireReader {
  mutating func string(_ field: WireField) throws -> String {
    let bytes = UnsafeRawBufferPointer(rebasing: source[try range(of: field)])
    var text = String(decoding: bytes, as: UTF8.self)
    // Repairing and comparing is faster than `String(validating:as:)`, which runs unspecialized.
    guard text.withUTF8({ areEqualBytes(UnsafeRawBufferPointer($0), bytes) }) else {
      throw DecodingFailure("field \(field.number) is not UTF-8 text", at: field.start)
    }
    return text
  }

  mutating func bytes(_ field: WireField) throws -> [UInt8] {
    [UInt8](source[try range(of: field)])
  }

  /// Skips `field` and keeps all of it, with its tag.
  mutating func keep(_ field: WireField, in unknownFields: inout [UInt8]) throws {
    try skip(field)
    unknownFields.append(contentsOf: source[field.start..<position])
  }
}
