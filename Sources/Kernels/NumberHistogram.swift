/// How many numbers lie where, of numbers that come batch by batch: in bins of equal width around 0, which become twice
/// as wide whenever a number lies beyond them. Zeros are counted on their own.
public struct NumberHistogram: Sendable {
  /// On each side of 0.
  private static let side = 4096

  /// The bins lie within ±limit, a power of two; 0 before there is a number.
  private var limit: Float = 0
  private var bins: [Int] = []
  private var zeros = 0

  public init() {}

  /// - Parameters:
  ///   - values: finite.
  ///   - magnitude: the largest of theirs.
  mutating func add(_ values: UnsafeBufferPointer<Float>, magnitude: Float) {
    widen(to: magnitude)
    let (perWidth, side, last) = (Float(Self.side) / limit, Float(Self.side), Float(2 * Self.side - 1))
    var zeros = 0
    bins.withUnsafeMutableBufferPointer { bins in
      for value in values {
        if value == 0 {
          zeros += 1
        } else if !bins.isEmpty {
          bins[Int(min(max(value * perWidth + side, 0), last))] += 1
        }
      }
    }
    self.zeros += zeros
  }

  private mutating func widen(to magnitude: Float) {
    guard magnitude > limit, magnitude.isFinite else { return }
    // 2^(e+1) > magnitude; the largest power of two there is stands for all beyond it.
    let needed = max(magnitude.binade, .leastNormalMagnitude) * 2
    let next = needed.isFinite ? needed : magnitude.binade
    if bins.isEmpty { bins = [Int](repeating: 0, count: 2 * Self.side) }
    while limit > 0, limit < next {
      limit *= 2
      mergePairs()
    }
    limit = next
  }

  private mutating func mergePairs() {
    var merged = [Int](repeating: 0, count: bins.count)
    for index in bins.indices { merged[(index + Self.side) / 2] += bins[index] }
    bins = merged
  }

  /// The middles of the bins that hold anything, from the least to the greatest, and 0.
  public var points: NumberPoints {
    var points = NumberPoints()
    let width = limit / Float(Self.side)
    for index in bins.indices {
      if index == Self.side { points.append(0, zeros) }
      points.append((Float(index - Self.side) + 0.5) * width, bins[index])
    }
    if bins.isEmpty { points.append(0, zeros) }
    return points
  }
}

/// Numbers and how often there were, in ascending order.
public struct NumberPoints: Sendable {
  public private(set) var values: [Float] = []
  public private(set) var counts: [Double] = []
  public private(set) var total = 0.0

  public init() {}

  /// Nothing where there were none.
  public mutating func append(_ value: Float, _ count: Int) {
    guard count > 0 else { return }
    values.append(value)
    counts.append(Double(count))
    total += Double(count)
  }

  /// The mean squared error if numbers are rounded to `zeroPoint` + x / `scale` within 0…255 and back.
  public func errorOfBytes(scale: Float, zeroPoint: Float) -> Double {
    var error = 0.0
    for index in values.indices {
      let level = min(max((values[index] / scale).rounded(.toNearestOrEven) + zeroPoint, 0), 255)
      let difference = Double(values[index] - (level - zeroPoint) * scale)
      error += counts[index] * difference * difference
    }
    return total > 0 ? error / total : 0
  }
}
