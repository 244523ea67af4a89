import Rewriting
import TensorCore

/// What a value is multiplied by: one factor, or one for each index of an axis.
struct AxisScale {
  var factors: [Double]
  /// Counted from the front; nil for one factor.
  var axis: Int?

  /// No weights have a longer axis; declared sizes may be anything.
  static let mostFactors = 1 << 24

  var isUniform: Bool { axis == nil }

  /// The same for a value whose axis `axis` this value's is.
  func along(_ axis: Int) -> AxisScale { AxisScale(factors: factors, axis: axis) }

  /// For a value that a `Reshape` gives, the scale of the value that it takes; nil where one of its axes does not
  /// tell the factors.
  ///
  /// With q elements after an axis of the input, p after the axis of the factors, p = t · q, index j of the input's
  /// axis has the factor of index (j / t) mod size.
  func beforeReshape(from input: Shape, to output: Shape) -> AxisScale? {
    guard let axis else { return self }
    guard let after = output.elementCount(after: axis) else { return nil }
    for candidate in input.dimensions.indices.reversed() {
      guard let inner = input.elementCount(after: candidate), let length = input[candidate].fixedSize,
        inner > 0, length > 0, length <= Self.mostFactors
      else { return nil }
      let end = after.multipliedReportingOverflow(by: factors.count)
      let size = inner.multipliedReportingOverflow(by: length)
      guard !end.overflow, !size.overflow, end.partialValue > 0, inner <= after, after % inner == 0,
        size.partialValue % end.partialValue == 0
      else { continue }
      let step = after / inner
      return AxisScale(factors: (0..<length).map { factors[$0 / step % factors.count] }, axis: candidate)
    }
    return nil
  }

  /// The factors as a tensor that broadcasts to a value of `rank` axes.
  func tensor(rank: Int, _ elementType: ElementType) throws -> RealTensor {
    guard let axis else { return try RealTensor(elementType, [], factors) }
    return try RealTensor(
      elementType, [factors.count] + [Int](repeating: 1, count: max(rank - axis - 1, 0)), factors)
  }
}

extension Shape {
  /// The number of elements that one index of `axis` has, over the axes after it; nil where it is not known.
  fileprivate func elementCount(after axis: Int) -> Int? {
    Shape(Array(dimensions.dropFirst(axis + 1))).elementCount.fixedSize
  }
}
