import Kernels

/// Numbers that look random and follow from a seed, the same on every platform. Not for secrets.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var generator: Xoshiro256

  public init(seed: UInt64) {
    generator = Xoshiro256(seed: seed)
  }

  public mutating func next() -> UInt64 { generator.next() }

  /// Uniform in 0..<1.
  public mutating func uniform() -> Double { generator.uniform() }

  public mutating func uniforms(_ count: Int) -> [Double] { generator.uniforms(count) }

  /// With mean 0 and standard deviation 1.
  public mutating func normals(_ count: Int) -> [Double] { generator.normals(count) }

  /// 0..<`count` in random order.
  public mutating func permutation(_ count: Int) -> [Int] { Array(0..<count).shuffled(using: &self) }

  /// A source of its own for a named purpose, so that more draws for one purpose do not change another.
  public static func derived(from seed: UInt64, for purpose: String) -> RandomSource {
    RandomSource(seed: hashBytes(Array(purpose.utf8), seed: seed))
  }
}
