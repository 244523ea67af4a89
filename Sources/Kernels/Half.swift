// `Float16` does not exist on every platform that Swift supports (Intel Macs), hence these by hand.

/// IEEE binary16 to binary32, exactly.
public func floatFromHalf(_ half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let exponent = UInt32(half >> 10 & 0x1F)
  let mantissa = UInt32(half & 0x3FF)
  switch exponent {
  case 0: return (sign == 0 ? 1 : -1) * Float(mantissa) * 0x1p-24
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | mantissa << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
  }
}

/// To IEEE binary16, to nearest, ties to even, in one rounding.
public func halfFromDouble(_ value: Double) -> UInt16 {
  UInt16(rounded(value, exponentBits: 5, mantissaBits: 10))
}

/// To bfloat16, to nearest, ties to even, in one rounding.
public func bfloatFromDouble(_ value: Double) -> UInt16 {
  UInt16(rounded(value, exponentBits: 8, mantissaBits: 7))
}

/// The bits of `value` in an IEEE format of these widths, which are less than those of binary64.
@inline(__always)
private func rounded(_ value: Double, exponentBits: Int, mantissaBits: Int) -> UInt32 {
  let bits = value.bitPattern
  let sign = UInt32(truncatingIfNeeded: bits >> 63) << UInt32(exponentBits + mantissaBits)
  let infinity = UInt32((1 << exponentBits) - 1) << UInt32(mantissaBits)
  let storedExponent = Int(bits >> 52 & 0x7FF)
  if storedExponent == 0x7FF {
    return sign | infinity | (value.isNaN ? 1 << UInt32(mantissaBits - 1) : 0)
  }
  let bias = (1 << (exponentBits - 1)) - 1
  let exponent = storedExponent - 1023
  // Below the smallest normal exponent the spacing stops shrinking (subnormal numbers).
  let spacingExponent = max(exponent, 1 - bias)
  let shift = 52 - mantissaBits + (spacingExponent - exponent)
  guard shift < 54, storedExponent > 0 else { return sign }
  let significand = bits & 0xF_FFFF_FFFF_FFFF | 1 << 52
  let half: UInt64 = 1 << UInt64(shift - 1)
  let isOdd = significand >> UInt64(shift) & 1
  let steps = UInt32(truncatingIfNeeded: (significand &+ (half &- 1) &+ isOdd) >> UInt64(shift))
  // A carry out of the mantissa runs into the exponent, which is just right.
  let magnitude = UInt32(spacingExponent + bias - 1) << UInt32(mantissaBits) + steps
  return sign | min(magnitude, infinity)
}
