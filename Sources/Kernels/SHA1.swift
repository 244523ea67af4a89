/// The Secure Hash Algorithm 1 (FIPS 180-4, section 6.1), which the ONNX format uses for checksums of data files.
/// It tells damage, not malice.
public struct SHA1: Sendable {
  private var state: SIMD8<UInt32> = [
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0, 0, 0, 0,
  ]
  private var byteCount: UInt64 = 0
  /// Less than a block.
  private var rest: [UInt8] = []
  private static let blockByteCount = 64

  public init() {}

  /// Takes in what follows on the bytes until now.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var next = 0
    if !rest.isEmpty {
      next = min(Self.blockByteCount - rest.count, bytes.count)
      rest.append(contentsOf: bytes[..<next])
      guard rest.count == Self.blockByteCount else { return }
      rest.withUnsafeBytes { state = Self.mixed(state, $0, at: 0) }
      rest.removeAll(keepingCapacity: true)
    }
    while next + Self.blockByteCount <= bytes.count {
      state = Self.mixed(state, bytes, at: next)
      next += Self.blockByteCount
    }
    rest.append(contentsOf: bytes[next...])
  }

  /// Of all bytes until now: 40 digits.
  public var hexadecimalDigest: String {
    var last = self
    let zeros = (119 - rest.count) % 64
    let length = withUnsafeBytes(of: (byteCount &* 8).bigEndian) { Array($0) }
    let padding = [0x80] + [UInt8](repeating: 0, count: zeros) + length
    padding.withUnsafeBytes { last.add($0) }
    return (0..<5).map { index in
      let digits = String(last.state[index], radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private static func mixed(
    _ state: SIMD8<UInt32>, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> SIMD8<UInt32> {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
      for index in 0..<16 {
        let word = bytes.loadUnaligned(fromByteOffset: offset + index * 4, as: UInt32.self)
        words.initializeElement(at: index, to: UInt32(bigEndian: word))
      }
      for index in 16..<80 {
        let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
        words.initializeElement(at: index, to: rotated(mixed, by: 1))
      }
      return mixed(state, UnsafeBufferPointer(words))
    }
  }

  private static func mixed(
    _ state: SIMD8<UInt32>, _ words: UnsafeBufferPointer<UInt32>
  ) -> SIMD8<UInt32> {
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for index in 0..<80 {
      let (choice, constant): (UInt32, UInt32) =
        switch index {
        case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
        case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
        case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      let next = rotated(a, by: 5) &+ choice &+ e &+ constant &+ words[index]
      (a, b, c, d, e) = (next, a, rotated(b, by: 30), c, d)
    }
    return state &+ [a, b, c, d, e, 0, 0, 0]
  }

  private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
    (word &<< bits) | (word &>> (32 &- bits))
  }
}
