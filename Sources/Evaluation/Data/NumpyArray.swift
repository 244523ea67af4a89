import Kernels
import TensorCore

/// Reads `.npy` arrays as tensors: what needs no change is not copied.
enum NumpyArray {
  /// The array that is the bytes `range` of `file`.
  static func read(_ file: MappedFile, range: Range<Int>) throws -> Tensor {
    let (header, start) = try file.withUnsafeBytes { bytes in
      var offset = range.lowerBound
      let header = try readHeader { count in
        guard count <= range.upperBound - offset else { throw cutOff }
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
      }
      return (header, offset)
    }
    guard header.byteCount == range.upperBound - start else { throw cutOff }
    let data = start..<(start + header.byteCount)
    if case .numbers(let type) = header.contents, !header.isBigEndian, !header.isColumnMajor, type != .bool {
      guard let storage = TensorStorage(file, range: data) else { throw cutOff }
      return try Tensor(type, header.dimensions, storage: storage)
    }
    return try file.withUnsafeBytes { try tensor(header, UnsafeRawBufferPointer(rebasing: $0[data])) }
  }

  /// The array that the deflated `entry` holds.
  static func read(_ archive: ZipArchive, deflated entry: ZipArchive.Entry) throws -> Tensor {
    try archive.file.withUnsafeBytes { bytes in
      let inflater = try Inflater(UnsafeRawBufferPointer(rebasing: bytes[entry.range]))
      var rest = entry.byteCount
      let header = try readHeader { count in
        guard count <= rest else { throw cutOff }
        rest -= count
        var part = [UInt8](repeating: 0, count: count)
        try part.withUnsafeMutableBytes { try inflater.read(into: $0) }
        return part
      }
      guard header.byteCount == rest else { throw cutOff }
      let storage = try TensorStorage(byteCount: rest) { try inflater.read(into: $0) }
      guard inflater.checksum == entry.checksum else { throw DatasetError.wrongChecksum }
      if case .numbers(let type) = header.contents, !header.isBigEndian, !header.isColumnMajor, type != .bool
      {
        return try Tensor(type, header.dimensions, storage: storage)
      }
      return try storage.withUnsafeBytes { try tensor(header, $0) }
    }
  }

  private static func readHeader(_ next: (Int) throws -> [UInt8]) throws -> NumpyHeader {
    let fieldLength = try NumpyHeader.lengthField(prefix: try next(NumpyHeader.prefixByteCount))
    let length = try next(fieldLength).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 20 else { throw DatasetError("its .npy header is malformed") }
    return try NumpyHeader(text: String(decoding: try next(length), as: UTF8.self))
  }

  private static func tensor(_ header: NumpyHeader, _ bytes: UnsafeRawBufferPointer) throws -> Tensor {
    if header.isColumnMajor {
      let rowMajor = TensorStorage(byteCount: bytes.count) {
        makeRowMajor(
          bytes, dimensions: header.dimensions, elementByteCount: header.elementByteCount, into: $0)
      }
      var header = header
      header.isColumnMajor = false
      return try rowMajor.withUnsafeBytes { try tensor(header, $0) }
    }
    switch header.contents {
    case .numbers(.bool) where largestByte(bytes) > 1:
      throw DatasetError("holds booleans that are neither 0 nor 1")
    case .numbers(let type):
      // The two parts of a complex number are swapped one by one.
      let size = type.isComplex ? header.elementByteCount / 2 : header.elementByteCount
      return try Tensor(type, header.dimensions) { target in
        if header.isBigEndian {
          swapByteOrder(bytes, elementByteCount: size, into: target)
        } else {
          target.copyMemory(from: bytes)
        }
      }
    case .unicode, .bytes:
      let strings = strings(header, bytes)
      return try Tensor(strings: strings, header.dimensions)
    }
  }

  private static func strings(_ header: NumpyHeader, _ bytes: UnsafeRawBufferPointer) -> [ByteString] {
    let length = header.elementByteCount
    let count = header.dimensions.reduce(1, *)
    return (0..<count).map { index in
      let element = UnsafeRawBufferPointer(rebasing: bytes[(index * length)..<((index + 1) * length)])
      guard case .unicode(let units) = header.contents else {
        return ByteString(bytes: Array(element.trimmingZeros))
      }
      let scalars = (0..<units).map { unit in
        let value = element.loadUnaligned(fromByteOffset: unit * 4, as: UInt32.self)
        return header.isBigEndian ? UInt32(bigEndian: value) : UInt32(littleEndian: value)
      }
      let end = scalars.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
      return ByteString(String(decoding: scalars[..<end], as: UTF32.self))
    }
  }

  private static let cutOff = DatasetError("its data is shorter or longer than its header says")
}

extension UnsafeRawBufferPointer {
  fileprivate var trimmingZeros: Slice<UnsafeRawBufferPointer> {
    self[..<(lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0)]
  }
}
