import TensorCore

extension ElementType {
  /// From the least to the greatest finite number; those of 64-bit integers are rounded. Nil for types that have
  /// no order, and for floating point below 16 bits.
  var finiteRange: ClosedRange<Double>? {
    switch self {
    case .float64: return -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    case .float32: return -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)
    case .float16: return -65504...65504
    case .bfloat16: return -0x1.FEp127...0x1.FEp127
    case _ where isSignedInteger:
      return -Double(
        sign: .plus, exponent: bitWidth - 1, significand: 1)...(Double(
          sign: .plus, exponent: bitWidth - 1, significand: 1) - 1)
    case _ where isUnsignedInteger: return 0...(Double(sign: .plus, exponent: bitWidth, significand: 1) - 1)
    default: return nil
    }
  }

  /// The least positive number that has all digits; nil for types that are no floating point of 16 bits and more.
  var leastNormal: Double? {
    switch self {
    case .float64: .leastNormalMagnitude
    case .float32, .bfloat16: Double(Float.leastNormalMagnitude)
    case .float16: 0x1p-14
    default: nil
    }
  }
}
