import Kernels

/// Tells contents apart: 128 bits of two hashes that share no seed. Not against forgers.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  private var words: (UInt64, UInt64)

  public init(_ bytes: UnsafeRawBufferPointer) {
    words = (hashBytes(bytes, seed: 0x9e37_79b9_7f4a_7c15), hashBytes(bytes, seed: 0xc2b2_ae3d_27d4_eb4f))
  }

  public init(_ bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { Fingerprint($0) }
  }

  public init(_ text: String) { self.init(Array(text.utf8)) }

  public init(_ numbers: [Int]) {
    self = numbers.withUnsafeBytes { Fingerprint($0) }
  }

  /// Of parts in their order.
  public init(of parts: [Fingerprint]) {
    self.init(parts.flatMap(\.bytes))
  }

  /// In the order of the digits that people read.
  public var bytes: [UInt8] {
    [words.0, words.1].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }

  /// 32 hexadecimal digits.
  public var description: String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  public static func == (a: Fingerprint, b: Fingerprint) -> Bool { a.words == b.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}
