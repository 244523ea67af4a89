/// target[r] = source[rows[r]] for rows of `rowByteCount` bytes. Every row must lie within `source`.
public func gatherRows(
  _ source: UnsafeRawBufferPointer, rowByteCount: Int, rows: [Int], into target: UnsafeMutableRawBufferPointer
) {
  for (index, row) in rows.enumerated() {
    let from = UnsafeRawBufferPointer(rebasing: source[(row * rowByteCount)..<((row + 1) * rowByteCount)])
    UnsafeMutableRawBufferPointer(rebasing: target[(index * rowByteCount)...]).copyMemory(from: from)
  }
}

/// target[r] = source[rows[r]], each number converted: rounded once, integers saturating. Both formats have
/// whole bytes, `source` need not be aligned, and every row must lie within it.
public func gatherRows(
  _ source: UnsafeRawBufferPointer, rowLength: Int, rows: [Int], from: NumericFormat, to: NumericFormat,
  into target: UnsafeMutableRawBufferPointer
) {
  guard to == .float32, gatherFloats(source, rowLength, rows, from, target) else {
    let fromSize = from.byteCount
    let rowByteCount = rowLength * fromSize
    let toByteCount = rowLength * to.byteCount
    for (index, row) in rows.enumerated() {
      let part = UnsafeRawBufferPointer(rebasing: source[(row * rowByteCount)..<((row + 1) * rowByteCount)])
      let values = decodeNumbers(part, count: rowLength, as: from)
      let place = target[(index * toByteCount)..<((index + 1) * toByteCount)]
      encodeNumbers(values, as: to, into: UnsafeMutableRawBufferPointer(rebasing: place))
    }
    return
  }
}

/// The conversions that evaluation spends its time on, without a detour through Double.
private func gatherFloats(
  _ source: UnsafeRawBufferPointer, _ rowLength: Int, _ rows: [Int], _ from: NumericFormat,
  _ target: UnsafeMutableRawBufferPointer
) -> Bool {
  switch from {
  case .integer(8, false): gather(source, rowLength, rows, target, as: UInt8.self) { Float($0) }
  case .integer(8, _): gather(source, rowLength, rows, target, as: Int8.self) { Float($0) }
  case .integer(16, false): gather(source, rowLength, rows, target, as: UInt16.self) { Float($0) }
  case .integer(16, _): gather(source, rowLength, rows, target, as: Int16.self) { Float($0) }
  case .integer(32, true): gather(source, rowLength, rows, target, as: Int32.self) { Float($0) }
  case .integer(64, true): gather(source, rowLength, rows, target, as: Int64.self) { Float($0) }
  case .float16: gather(source, rowLength, rows, target, as: UInt16.self) { floatFromHalf($0) }
  case .float64: gather(source, rowLength, rows, target, as: Double.self) { Float($0) }
  default: return false
  }
  return true
}

@inline(__always)
private func gather<Stored: BitwiseCopyable>(
  _ source: UnsafeRawBufferPointer, _ rowLength: Int, _ rows: [Int],
  _ target: UnsafeMutableRawBufferPointer, as type: Stored.Type, _ convert: (Stored) -> Float
) {
  let stride = MemoryLayout<Stored>.stride
  precondition(target.count >= rows.count * rowLength * 4)
  for (index, row) in rows.enumerated() {
    let part = UnsafeRawBufferPointer(
      rebasing: source[(row * rowLength * stride)..<((row + 1) * rowLength * stride)])
    guard let from = part.baseAddress, let to = target.baseAddress else { return }
    let place = to + index &* rowLength &* 4
    for offset in 0..<rowLength {
      let value = from.loadUnaligned(fromByteOffset: offset &* stride, as: Stored.self)
      place.storeBytes(of: convert(value), toByteOffset: offset &* 4, as: Float.self)
    }
  }
}

extension NumericFormat {
  /// Bytes of one number; 0 where a number takes less than one.
  fileprivate var byteCount: Int {
    switch self {
    case .float32: 4
    case .float64: 8
    case .float16, .bfloat16: 2
    case .smallFloat(let format): format.bits / 8
    case .integer(let bits, _): bits / 8
    }
  }
}
