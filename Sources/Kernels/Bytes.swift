#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public func areEqualBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  guard a.count == b.count else { return false }
  guard let first = a.baseAddress, let second = b.baseAddress else { return true }
  return first == second || memcmp(first, second, a.count) == 0
}

public func hashBytes(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
  bytes.withUnsafeBytes { hashBytes($0, seed: seed) }
}

/// A 64-bit hash, the same in every process: multiply and rotate, four lanes of eight bytes
/// (the scheme of xxHash64, not its values).
public func hashBytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  let prime: UInt64 = 0x9E37_79B1_85EB_CA87
  let mixer: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  var lanes: SIMD4<UInt64> = [seed &+ prime, seed &+ mixer, seed, seed &- prime]
  var offset = 0
  while offset + 32 <= bytes.count {
    let block = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
    lanes = (lanes ^ (block &* mixer))
    lanes = ((lanes &<< 31) | (lanes &>> 33)) &* prime
    offset += 32
  }
  var hash = UInt64(truncatingIfNeeded: bytes.count) &* prime
  for lane in 0..<4 { hash = ((hash ^ lanes[lane]) &* prime).rotated(by: 27) }
  while offset < bytes.count {
    hash = ((hash ^ UInt64(bytes[offset])) &* mixer).rotated(by: 11)
    offset += 1
  }
  hash = (hash ^ (hash &>> 33)) &* mixer
  return hash ^ (hash &>> 29)
}

extension UInt64 {
  fileprivate func rotated(by bits: UInt64) -> UInt64 { (self &<< bits) | (self &>> (64 &- bits)) }
}
