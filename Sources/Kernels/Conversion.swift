/// `count` numbers read from packed storage. Mapped weights are not aligned: all loads are unaligned.
public func decodeNumbers(_ source: UnsafeRawBufferPointer, count: Int, as format: NumericFormat) -> [Double]
{
  [Double](unsafeUninitializedCapacity: count) { target, initialized in
    initialized = count
    switch format {
    case .float32: decode(source, as: Float.self, into: target, count) { Double($0) }
    case .float64: decode(source, as: Double.self, into: target, count) { $0 }
    case .float16: decode(source, as: UInt16.self, into: target, count) { Double(floatFromHalf($0)) }
    case .bfloat16:
      decode(source, as: UInt16.self, into: target, count) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .smallFloat(let small):
      let values = small.values
      for index in 0..<count { target[index] = values[packedBits(source, index, bits: small.bits)] }
    case .integer(64, true): decode(source, as: Int64.self, into: target, count) { Double($0) }
    case .integer(64, _): decode(source, as: UInt64.self, into: target, count) { Double($0) }
    case .integer(32, true): decode(source, as: Int32.self, into: target, count) { Double($0) }
    case .integer(32, _): decode(source, as: UInt32.self, into: target, count) { Double($0) }
    case .integer(16, true): decode(source, as: Int16.self, into: target, count) { Double($0) }
    case .integer(16, _): decode(source, as: UInt16.self, into: target, count) { Double($0) }
    case .integer(8, true): decode(source, as: Int8.self, into: target, count) { Double($0) }
    case .integer(8, _): decode(source, as: UInt8.self, into: target, count) { Double($0) }
    case .integer(let bits, let isSigned):
      for index in 0..<count {
        let pattern = packedBits(source, index, bits: bits)
        target[index] = Double(isSigned && pattern >> (bits - 1) == 1 ? pattern - (1 << bits) : pattern)
      }
    }
  }
}

/// `values` rounded once each into packed storage of the right size: to nearest, ties to even; integers
/// saturate, and NaN becomes 0 there.
public func encodeNumbers(
  _ values: [Double], as format: NumericFormat, into target: UnsafeMutableRawBufferPointer
) {
  switch format {
  case .float32: encode(values, into: target) { Float($0) }
  case .float64: encode(values, into: target) { $0 }
  case .float16: encode(values, into: target) { halfFromDouble($0) }
  case .bfloat16: encode(values, into: target) { bfloatFromDouble($0) }
  case .smallFloat(let small):
    let table = small.values
    for (index, value) in values.enumerated() {
      storePackedBits(small.bits(nearestTo: value, in: table), target, index, bits: small.bits)
    }
  case .integer(64, true): encode(values, into: target) { saturating($0, Int64.self) }
  case .integer(64, _): encode(values, into: target) { saturating($0, UInt64.self) }
  case .integer(32, true): encode(values, into: target) { saturating($0, Int32.self) }
  case .integer(32, _): encode(values, into: target) { saturating($0, UInt32.self) }
  case .integer(16, true): encode(values, into: target) { saturating($0, Int16.self) }
  case .integer(16, _): encode(values, into: target) { saturating($0, UInt16.self) }
  case .integer(8, true): encode(values, into: target) { saturating($0, Int8.self) }
  case .integer(8, _): encode(values, into: target) { saturating($0, UInt8.self) }
  case .integer(let bits, let isSigned):
    let bounds = isSigned ? -(1 << (bits - 1))...((1 << (bits - 1)) - 1) : 0...((1 << bits) - 1)
    for (index, value) in values.enumerated() {
      let rounded = Int(saturating(value, Int16.self))
      let clamped = min(max(rounded, bounds.lowerBound), bounds.upperBound)
      storePackedBits(UInt8(truncatingIfNeeded: clamped) & UInt8((1 << bits) - 1), target, index, bits: bits)
    }
  }
}

@inline(__always)
private func decode<Stored: BitwiseCopyable>(
  _ source: UnsafeRawBufferPointer, as type: Stored.Type, into target: UnsafeMutableBufferPointer<Double>,
  _ count: Int, _ convert: (Stored) -> Double
) {
  for index in 0..<count {
    target[index] = convert(
      source.loadUnaligned(fromByteOffset: index &* MemoryLayout<Stored>.stride, as: Stored.self))
  }
}

@inline(__always)
private func encode<Stored: BitwiseCopyable>(
  _ values: [Double], into target: UnsafeMutableRawBufferPointer, _ convert: (Double) -> Stored
) {
  for (index, value) in values.enumerated() {
    target.storeBytes(
      of: convert(value), toByteOffset: index &* MemoryLayout<Stored>.stride, as: Stored.self)
  }
}

@inline(__always)
private func saturating<Number: FixedWidthInteger>(_ value: Double, _ type: Number.Type) -> Number {
  if value.isNaN { return 0 }
  let rounded = value.rounded(.toNearestOrEven)
  // `Double(Number.max)` may round up to a number that no longer fits, hence the exact conversion.
  return Number(exactly: rounded) ?? (rounded < 0 ? .min : .max)
}

private func packedBits(_ source: UnsafeRawBufferPointer, _ index: Int, bits: Int) -> Int {
  let bit = index * bits
  let next = bit / 8 + 1
  let following = bit % 8 + bits > 8 && next < source.count ? Int(source[next]) << 8 : 0
  return ((Int(source[bit / 8]) | following) >> (bit % 8)) & ((1 << bits) - 1)
}

private func storePackedBits(
  _ pattern: UInt8, _ target: UnsafeMutableRawBufferPointer, _ index: Int, bits: Int
) {
  let bit = index * bits
  let mask = UInt16((1 << bits) - 1) << UInt16(bit % 8)
  let shifted = UInt16(pattern) << UInt16(bit % 8)
  target[bit / 8] = (target[bit / 8] & ~UInt8(truncatingIfNeeded: mask)) | UInt8(truncatingIfNeeded: shifted)
  if mask > 0xFF {
    let next = bit / 8 + 1
    target[next] = (target[next] & ~UInt8(mask >> 8)) | UInt8(shifted >> 8)
  }
}
