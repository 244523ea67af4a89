import TensorCore

/// Tensor elements that stand in `float_data`, `int32_data` and the like instead of `raw_data`.
///
/// `int32_data` holds all integers up to 32 bits, booleans and the bit patterns of small floats, one element a
/// number; of 4-bit and 2-bit elements a byte's worth each, as they are packed in `raw_data`. Numbers that do
/// not fit their element are cut off, as the runtimes do it.
struct NumberFields {
  typealias Piece = (field: TensorField, range: Range<Int>)

  private let field: TensorField
  private let type: ElementType
  private let ranges: [Range<Int>]
  /// How many numbers stand for the tensor.
  private let count: Int

  init(_ pieces: [Piece], of type: ElementType, count: Int) throws {
    field = type.numberField
    self.type = type
    for piece in pieces where piece.field != field {
      throw DecodingFailure("\(type) data does not belong in \(piece.field.schemaName)")
    }
    ranges = pieces.map(\.range)
    self.count = type.numberCount(ofElements: count)
  }

  /// The bytes that can be used as they are: fixed-width numbers in one piece.
  var contiguousRange: Range<Int>? {
    ranges.count == 1 && field.isFixedWidth ? ranges[0] : nil
  }

  /// The elements in their packed layout, in memory of their own. Nothing is allocated before the numbers are
  /// known to be there.
  func gathered(from bytes: UnsafeRawBufferPointer, byteCount: Int) throws -> TensorStorage {
    if field.isFixedWidth {
      let found = ranges.reduce(0) { $0 + $1.count }
      guard found == byteCount else {
        throw DecodingFailure("\(byteCount) bytes expected in \(field.schemaName), \(found) found")
      }
      return TensorStorage(byteCount: byteCount) { copyRanges(of: bytes, into: $0) }
    }
    let found = ranges.reduce(0) { $0 + bytes[$1].count { $0 < 0x80 } }
    guard found == count else {
      throw DecodingFailure("\(count) numbers expected in \(field.schemaName), \(found) found")
    }
    return try TensorStorage(byteCount: byteCount) { try decodeVarints(of: bytes, into: $0) }
  }

  private func copyRanges(of bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
    var offset = 0
    for range in ranges {
      UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + range.count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
      offset += range.count
    }
  }

  private func decodeVarints(
    of bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws {
    var index = 0
    for range in ranges {
      var reader = WireReader(bytes, range)
      while !reader.range.isEmpty {
        store(try reader.varint(), index, in: target)
        index += 1
      }
    }
  }

  private func store(_ number: UInt64, _ index: Int, in target: UnsafeMutableRawBufferPointer) {
    switch type.bitWidth {
    case 64: target.storeBytes(of: number.littleEndian, toByteOffset: index * 8, as: UInt64.self)
    case 32:
      target.storeBytes(
        of: UInt32(truncatingIfNeeded: number).littleEndian, toByteOffset: index * 4, as: UInt32.self)
    case 16:
      target.storeBytes(
        of: UInt16(truncatingIfNeeded: number).littleEndian, toByteOffset: index * 2, as: UInt16.self)
    case 6: storeSixBits(UInt16(truncatingIfNeeded: number) & 0x3F, index, in: target)
    default: target[index] = type == .bool ? (number == 0 ? 0 : 1) : UInt8(truncatingIfNeeded: number)
    }
  }

  /// Four elements share three bytes, lowest bits first.
  private func storeSixBits(_ pattern: UInt16, _ index: Int, in target: UnsafeMutableRawBufferPointer) {
    let (byte, shift) = (index * 6 / 8, index * 6 % 8)
    let shifted = pattern << UInt16(shift)
    target[byte] |= UInt8(truncatingIfNeeded: shifted)
    if shift > 2 { target[byte + 1] |= UInt8(truncatingIfNeeded: shifted >> 8) }
  }
}

extension TensorField {
  fileprivate var isFixedWidth: Bool { self == .floatData || self == .doubleData }

  /// The name of a number field, as users know it.
  fileprivate var schemaName: String {
    switch self {
    case .floatData: "float_data"
    case .doubleData: "double_data"
    case .int64Data: "int64_data"
    case .uint64Data: "uint64_data"
    default: "int32_data"
    }
  }
}

extension ElementType {
  /// Where elements of this type stand if not in `raw_data`.
  fileprivate var numberField: TensorField {
    switch self {
    case .float32, .complex64: .floatData
    case .float64, .complex128: .doubleData
    case .int64: .int64Data
    case .uint32, .uint64: .uint64Data
    default: .int32Data
    }
  }

  /// How many numbers of that field stand for `count` elements.
  fileprivate func numberCount(ofElements count: Int) -> Int {
    switch bitWidth {
    case 2: count / 4 + (count % 4 > 0 ? 1 : 0)
    case 4: count / 2 + count % 2
    default: count
    }
  }
}
