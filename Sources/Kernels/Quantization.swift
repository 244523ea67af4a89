/// What numbers that come batch by batch are like.
public struct NumberSummary: Sendable {
  public private(set) var count = 0
  public private(set) var minimum = Float.infinity
  public private(set) var maximum = -Float.infinity
  public private(set) var sum = 0.0
  public private(set) var sumOfSquares = 0.0
  /// No NaN and no infinity so far.
  public private(set) var isFinite = true
  /// Of all numbers, while they are finite.
  public private(set) var histogram = NumberHistogram()

  public init() {}

  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var magnitude: Float = 0
    for value in values {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      magnitude = max(magnitude, abs(value))
      isFinite = isFinite && value.isFinite
      sum += Double(value)
      sumOfSquares += Double(value) * Double(value)
    }
    count += values.count
    if isFinite { histogram.add(values, magnitude: magnitude) }
  }

  public var meanSquare: Double { count > 0 ? sumOfSquares / Double(count) : 0 }

  /// From the least to the greatest number, 0 among them.
  public var span: Float { max(maximum, 0) - min(minimum, 0) }

  public var variance: Double {
    guard count > 0 else { return 0 }
    let mean = sum / Double(count)
    return max(meanSquare - mean * mean, 0)
  }
}

/// Adds up `values`, [outer, channels, inner], for each channel.
public func addChannelSums(
  of values: UnsafeBufferPointer<Float>, channels: Int, inner: Int, to sums: inout [Double]
) {
  guard channels > 0, inner > 0, sums.count == channels else { return }
  for row in 0..<values.count / inner {
    var sum = 0.0
    for index in row * inner..<(row + 1) * inner { sum += Double(values[index]) }
    sums[row % channels] += sum
  }
}

/// The largest magnitude in each channel of `values`, [outer, channels, inner].
public func channelMagnitudes(_ values: UnsafeBufferPointer<Float>, channels: Int, inner: Int) -> [Float] {
  var result = [Float](repeating: 0, count: channels)
  guard channels > 0, inner > 0 else { return result }
  for row in 0..<values.count / inner {
    for index in row * inner..<(row + 1) * inner {
      result[row % channels] = max(result[row % channels], abs(values[index]))
    }
  }
  return result
}

/// x / scale of its channel, rounded to the nearest even, within −127…127; `values` are [outer, channels, inner].
public func quantizedToSignedBytes(
  _ values: UnsafeBufferPointer<Float>, inner: Int, scales: [Float]
) -> [Int8] {
  guard !scales.isEmpty, inner > 0 else { return [] }
  return [Int8](unsafeUninitializedCapacity: values.count) { result, count in
    for index in values.indices {
      let level = (values[index] / scales[index / inner % scales.count]).rounded(.toNearestOrEven)
      result[index] = level.isFinite ? Int8(min(max(level, -127), 127)) : 0
    }
    count = values.count
  }
}
