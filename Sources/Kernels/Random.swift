/// xoshiro256** 1.0 (Blackman and Vigna, 2018), seeded by SplitMix64 as its authors advise: the same numbers
/// from the same seed on every platform. Not for secrets.
public struct Xoshiro256: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var seed = seed
    func next() -> UInt64 {
      seed &+= 0x9E37_79B9_7F4A_7C15
      var mixed = seed
      mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed &>> 31)
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let result = Self.rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 &<< 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotated(state.3, 45)
    return result
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    (value &<< bits) | (value &>> (64 &- bits))
  }

  /// Uniform in 0..<1, a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() &>> 11) * 0x1p-53 }

  /// Uniform in 0..<`bound`, by multiplication (Lemire, 2019) without its rejection step: the bias is below
  /// `bound` · 2⁻⁶⁴.
  public mutating func index(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  public mutating func uniforms(_ count: Int) -> [Double] {
    (0..<count).map { _ in uniform() }
  }

  /// Standard normal numbers, by the polar method (Marsaglia and Bray, 1964).
  public mutating func normals(_ count: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count + 1)
    while result.count < count {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square < 1, square > 0 else { continue }
      let factor = (-2 * naturalLogarithm(square) / square).squareRoot()
      result.append(x * factor)
      result.append(y * factor)
    }
    result.removeLast(result.count - count)
    return result
  }
}
