import CZlib
import TensorCore

/// A zip file, read as far as `.npz` files need it: stored and deflated entries, zip64, CRC-32 checked.
/// Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3.
struct ZipArchive {
  struct Entry {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    /// Size of the contents.
    var byteCount: Int
    /// Where the stored or deflated bytes lie in the file.
    var range: Range<Int>
  }

  let file: MappedFile
  /// In the order of the directory.
  let entries: [Entry]

  init(_ file: MappedFile) throws {
    self.file = file
    entries = try file.withUnsafeBytes { bytes in
      let reader = LittleEndianReader(bytes)
      let directory = try Self.findDirectory(reader)
      return try Self.readDirectory(reader, at: directory.offset, count: directory.count)
    }
    let names = entries.map(\.name)
    guard Set(names).count == names.count else { throw DatasetError("two entries have the same name") }
  }

  /// The entry's bytes without copying, where it is stored and not deflated.
  func storedRange(of entry: Entry) throws -> Range<Int>? {
    guard !entry.isDeflated else { return nil }
    let sum = file.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[entry.range])) }
    guard sum == entry.checksum else { throw DatasetError.wrongChecksum }
    return entry.range
  }
}

extension ZipArchive {
  /// Finds the end record, which a comment of up to 65,535 bytes may follow.
  private static func findDirectory(_ reader: LittleEndianReader) throws -> (offset: Int, count: Int) {
    let earliest = max(0, reader.count - 22 - 0xFFFF)
    var end = reader.count - 22
    while end >= earliest, try reader.uint32(end) != 0x0605_4B50 { end -= 1 }
    guard end >= earliest else { throw DatasetError("is no zip file, or is cut off") }
    let count = try reader.uint16(end + 10)
    let offset = try reader.uint32(end + 16)
    guard try reader.uint16(end + 4) == 0 else { throw DatasetError("is one part of several") }
    if count != 0xFFFF && offset != 0xFFFF_FFFF { return (Int(offset), Int(count)) }
    guard end >= 20, try reader.uint32(end - 20) == 0x0706_4B50 else { return (Int(offset), Int(count)) }
    let record = try reader.offset(end - 20 + 8)
    guard try reader.uint32(record) == 0x0606_4B50 else { throw DatasetError.damagedArchive }
    return (try reader.offset(record + 48), try reader.offset(record + 32))
  }

  private static func readDirectory(_ reader: LittleEndianReader, at start: Int, count: Int) throws -> [Entry]
  {
    guard count <= reader.count / 46 else { throw DatasetError.damagedArchive }
    var entries: [Entry] = []
    var offset = start
    for _ in 0..<count {
      let (entry, next) = try readEntry(reader, at: offset)
      if !entry.name.hasSuffix("/") { entries.append(entry) }
      offset = next
    }
    return entries
  }

  private static func readEntry(
    _ reader: LittleEndianReader, at offset: Int
  ) throws -> (entry: Entry, next: Int) {
    guard try reader.uint32(offset) == 0x0201_4B50 else { throw DatasetError.damagedArchive }
    let flags = try reader.uint16(offset + 8)
    let method = try reader.uint16(offset + 10)
    let nameLength = Int(try reader.uint16(offset + 28))
    let extraLength = Int(try reader.uint16(offset + 30))
    let name = String(decoding: try reader.bytes(offset + 46, nameLength), as: UTF8.self)
    guard flags & 1 == 0 else { throw DatasetError("is encrypted", array: name) }
    guard method == 0 || method == 8 else {
      throw DatasetError("is compressed by method \(method), only stored and deflated are read", array: name)
    }
    var sizes = try [24, 20, 42].map { try reader.uint32(offset + $0) }.map { Int($0) }
    let extra = (offset + 46 + nameLength)..<(offset + 46 + nameLength + extraLength)
    try widen(&sizes, reader, extra)
    let range = try dataRange(reader, header: sizes[2], byteCount: sizes[1])
    // Deflate cannot do better than 1032 to 1: anything beyond is no honest size.
    guard method == 0 ? sizes[0] == sizes[1] : sizes[0] / 1032 <= sizes[1] else {
      throw DatasetError("declares \(sizes[0]) bytes, which its \(sizes[1]) bytes cannot hold", array: name)
    }
    let entry = Entry(
      name: name, isDeflated: method == 8, checksum: try reader.uint32(offset + 16), byteCount: sizes[0],
      range: range)
    return (entry, extra.upperBound + Int(try reader.uint16(offset + 32)))
  }

  /// Replaces each of `sizes` that does not fit into 32 bits by what the zip64 field says, in order.
  private static func widen(_ sizes: inout [Int], _ reader: LittleEndianReader, _ extra: Range<Int>) throws {
    guard sizes.contains(0xFFFF_FFFF) else { return }
    var offset = extra.lowerBound
    while offset + 4 <= extra.upperBound {
      let length = Int(try reader.uint16(offset + 2))
      if try reader.uint16(offset) == 1 {
        var place = offset + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && place + 8 <= offset + 4 + length {
          sizes[index] = try reader.offset(place, limit: .max)
          place += 8
        }
        return
      }
      offset += 4 + length
    }
  }

  private static func dataRange(_ reader: LittleEndianReader, header: Int, byteCount: Int) throws -> Range<
    Int
  > {
    guard try reader.uint32(header) == 0x0403_4B50 else { throw DatasetError.damagedArchive }
    let start = header + 30 + Int(try reader.uint16(header + 26)) + Int(try reader.uint16(header + 28))
    guard start <= reader.count, byteCount <= reader.count - start else { throw DatasetError.damagedArchive }
    return start..<(start + byteCount)
  }
}

extension DatasetError {
  static let damagedArchive = DatasetError("the zip directory is damaged or cut off")
  static let wrongChecksum = DatasetError("its checksum is wrong: the file is damaged")
}

func checksum(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
  var sum = UInt(previous)
  var rest = bytes
  while !rest.isEmpty {
    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
    sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
    rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
  }
  return UInt32(truncatingIfNeeded: sum)
}
