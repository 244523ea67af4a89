/// How real numbers are stored, as the conversion loops need to know it.
public enum NumericFormat: Hashable, Sendable {
  case float32
  case float64
  case float16
  case bfloat16
  /// One byte; below 8 bits packed from the lowest bits of each byte up, across byte borders.
  case smallFloat(SmallFloatFormat)
  /// Two's complement; below 8 bits packed from the lowest bits of each byte up.
  case integer(bits: Int, isSigned: Bool)
}

/// Floating point of 8 bits and less, in the variants of the ONNX format and of "OCP Microscaling" (MX).
public enum SmallFloatFormat: Hashable, Sendable {
  case e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, e8m0, e2m1, e2m3, e3m2

  public var bits: Int {
    switch self {
    case .e2m1: 4
    case .e2m3, .e3m2: 6
    default: 8
    }
  }

  /// The value of each bit pattern; NaN patterns hold NaN.
  public var values: [Double] { (0..<(1 << bits)).map { value(ofBits: $0) } }

  private func value(ofBits pattern: Int) -> Double {
    switch self {
    case .e4m3fn:
      pattern & 0x7F == 0x7F ? .nan : ieeeLike(pattern, exponentBits: 4, mantissaBits: 3, bias: 7)
    case .e4m3fnuz:
      pattern == 0x80 ? .nan : ieeeLike(pattern, exponentBits: 4, mantissaBits: 3, bias: 8)
    case .e5m2:
      switch pattern & 0x7F {
      case 0x7C: pattern & 0x80 == 0 ? .infinity : -.infinity
      case 0x7D...0x7F: .nan
      default: ieeeLike(pattern, exponentBits: 5, mantissaBits: 2, bias: 15)
      }
    case .e5m2fnuz:
      pattern == 0x80 ? .nan : ieeeLike(pattern, exponentBits: 5, mantissaBits: 2, bias: 16)
    case .e8m0:
      pattern == 0xFF ? .nan : Double(sign: .plus, exponent: pattern - 127, significand: 1)
    case .e2m1:
      ieeeLike(pattern, exponentBits: 2, mantissaBits: 1, bias: 1)
    case .e2m3:
      ieeeLike(pattern, exponentBits: 2, mantissaBits: 3, bias: 1)
    case .e3m2:
      ieeeLike(pattern, exponentBits: 3, mantissaBits: 2, bias: 3)
    }
  }

  private func ieeeLike(_ pattern: Int, exponentBits: Int, mantissaBits: Int, bias: Int) -> Double {
    let isNegative = pattern >> (exponentBits + mantissaBits) & 1 == 1
    let exponent = pattern >> mantissaBits & ((1 << exponentBits) - 1)
    let mantissa = Double(pattern & ((1 << mantissaBits) - 1)) / Double(1 << mantissaBits)
    let magnitude =
      exponent == 0
      ? Double(sign: .plus, exponent: 1 - bias, significand: mantissa)
      : Double(sign: .plus, exponent: exponent - bias, significand: 1 + mantissa)
    return isNegative ? -magnitude : magnitude
  }

  /// The pattern of the nearest value, ties to the even pattern. Beyond the largest finite value it saturates
  /// (the ONNX `Cast` default); NaN becomes NaN where the format has one, else zero.
  func bits(nearestTo number: Double, in values: [Double]) -> UInt8 {
    if number.isNaN { return UInt8(values.firstIndex(where: \.isNaN) ?? 0) }
    var best = 0
    var bestDistance = Double.infinity
    for (pattern, value) in values.enumerated() where value.isFinite {
      let distance = abs(value - number)
      let isSameSign = value.sign == number.sign
      if distance < bestDistance || (distance == bestDistance && isSameSign && pattern & 1 == 0) {
        (best, bestDistance) = (pattern, distance)
      }
    }
    return UInt8(best)
  }
}
