import TensorCore

/// Values of constants that an example does not spell out: the same for the same name, type and seed.
struct SeededValues {
  /// Examples are small.
  static let maximumCount = 1 << 20

  private var generator: SplitMix64

  init(name: String, seed: UInt64) {
    // FNV-1a: `Hasher` differs from run to run.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    generator = SplitMix64(state: hash ^ seed &* 0x9e37_79b9_7f4a_7c15)
  }

  /// - Parameter range: uniform values within it; by default real numbers are bell-shaped in −1...1, whole ones
  ///   small, with negative ones where the type has them.
  /// - Throws: `TensorError` for a type without fixed sizes, and for strings and complex numbers.
  mutating func tensor(_ type: ValueType, in range: ClosedRange<Double>?) throws -> Tensor {
    let count = try Self.elementCount(of: type)
    guard let elementType = type.elementType, let dimensions = type.shape?.fixedSizes,
      elementType.numericFormat != nil
    else { throw TensorError("give the values of a constant of type \(type)") }
    let values = (0..<count).map { _ in value(of: elementType, in: range) }
    return try Tensor(elementType, rounding: values, dimensions)
  }

  static func elementCount(of type: ValueType) throws -> Int {
    guard case .tensor(let type) = type, let dimensions = type.shape?.fixedSizes else {
      throw TensorError("give a constant fixed sizes, \(type) has none")
    }
    let count = try Tensor.elementCount(of: dimensions)
    guard count <= maximumCount else { throw TensorError("\(count) elements are too many for an example") }
    return count
  }

  private mutating func value(of type: ElementType, in range: ClosedRange<Double>?) -> Double {
    if type == .bool { return generator.unit() < 0.5 ? 0 : 1 }
    guard type.isFloatingPoint else {
      let low = range?.lowerBound.rounded(.up) ?? (type.isSignedInteger ? -4 : 0)
      let high = range?.upperBound.rounded(.down) ?? (type.isSignedInteger ? 4 : 8)
      return min(low + (generator.unit() * (high - low + 1)).rounded(.down), max(low, high))
    }
    if let range { return range.lowerBound + generator.unit() * (range.upperBound - range.lowerBound) }
    return (generator.unit() + generator.unit() + generator.unit() + generator.unit() - 2) / 2
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
