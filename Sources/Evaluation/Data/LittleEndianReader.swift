/// Numbers at places of a file that need not have them.
struct LittleEndianReader {
  private let contents: UnsafeRawBufferPointer

  init(_ contents: UnsafeRawBufferPointer) {
    self.contents = contents
  }

  var count: Int { contents.count }

  func uint16(_ offset: Int) throws -> UInt16 { try number(offset) }

  func uint32(_ offset: Int) throws -> UInt32 { try number(offset) }

  /// A 64-bit offset or count that must not lie beyond `limit`, by default the end of the file.
  func offset(_ offset: Int, limit: Int? = nil) throws -> Int {
    let number: UInt64 = try number(offset)
    guard let value = Int(exactly: number), value <= limit ?? count else { throw DatasetError.damagedArchive }
    return value
  }

  func bytes(_ offset: Int, _ length: Int) throws -> UnsafeRawBufferPointer {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
      throw DatasetError.damagedArchive
    }
    return UnsafeRawBufferPointer(rebasing: contents[offset..<(offset + length)])
  }

  private func number<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) throws -> Number {
    let bytes = try bytes(offset, MemoryLayout<Number>.size)
    return Number(littleEndian: bytes.loadUnaligned(as: Number.self))
  }
}
