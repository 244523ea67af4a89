import TensorCore

extension Shape {
  /// Whether broadcasting with `other` is known to leave this shape as it is: `Gemm` takes a C for which this
  /// holds ("unidirectional broadcasting").
  func absorbs(_ other: Shape) -> Bool {
    guard other.rank <= rank else { return false }
    return zip(dimensions.suffix(other.rank), other.dimensions).allSatisfy { mine, its in
      its == .fixed(1) || mine.isKnownEqual(to: its)
    }
  }
}
