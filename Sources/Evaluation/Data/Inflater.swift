import CZlib

/// Inflates deflated bytes piece by piece, so that what is declared can be checked before memory is made.
final class Inflater {
  /// zlib remembers where it lies, so it must never move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var input: UnsafeRawBufferPointer
  /// CRC-32 of what was read so far.
  private(set) var checksum: UInt32 = 0

  /// `input`, raw deflate without a header, must outlive this object.
  init(_ input: UnsafeRawBufferPointer) throws {
    self.input = input
    stream.initialize(to: z_stream())
    let status = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw DatasetError("cannot start to inflate") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills `target` with the next bytes.
  func read(into target: UnsafeMutableRawBufferPointer) throws {
    var filled = 0
    while filled < target.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: target[filled...].prefix(1 << 30))
      filled += try readSome(into: part)
    }
    checksum = Evaluation.checksum(UnsafeRawBufferPointer(target), continuing: checksum)
  }

  private func readSome(into part: UnsafeMutableRawBufferPointer) throws -> Int {
    let given = UnsafeRawBufferPointer(rebasing: input.prefix(1 << 30))
    stream.pointee.next_in = UnsafeMutablePointer(mutating: given.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(given.count)
    stream.pointee.next_out = part.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(part.count)
    let status = inflate(stream, Z_NO_FLUSH)
    let taken = given.count - Int(stream.pointee.avail_in)
    let made = part.count - Int(stream.pointee.avail_out)
    input = UnsafeRawBufferPointer(rebasing: input[taken...])
    guard status == Z_OK || status == Z_STREAM_END, made > 0 || taken > 0, made > 0 || status == Z_OK else {
      throw DatasetError("its compressed data is damaged or cut off")
    }
    return made
  }
}
