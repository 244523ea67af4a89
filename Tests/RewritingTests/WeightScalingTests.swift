import Kernels
import Rewriting
import TensorCore
import Testing

@Suite struct WeightScalingTests {
  /// [2 groups, 2 outer, 2 per group, 3 inner], counted up.
  private let layout = AxisLayout(groups: 2, outer: 2, perGroup: 2, inner: 3)
  private let factors = [1.0, 10, 100, 1000]

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16])
  func eachIndexOfAnAxisHasItsFactor(_ type: ElementType) throws {
    let weights = try Tensor(type, rounding: (0..<24).map(Double.init), [4, 2, 3])
    let expected = (0..<24).map { (index: Int) -> Double in
      let channel = index / 12 * 2 + index / 3 % 2
      return Double(index) * factors[channel]
    }
    let scaled = try weights.scaled(along: layout, by: factors)
    #expect(try scaled.doubles() == Tensor(type, rounding: expected, [24]).doubles())
  }

  @Test func largeWeightsAreScaledInPieces() throws {
    let count = (1 << 16) + 10
    let weights = try Tensor(.float16, rounding: [Double](repeating: 1, count: count), [count / 2, 2])
    let scaled = try weights.scaled(along: AxisLayout(outer: count / 2, perGroup: 2, inner: 1), by: [2, 3])
    #expect(try scaled.doubles() == (0..<count).map { $0 % 2 == 0 ? 2 : 3 })
  }

  @Test(arguments: [ElementType.float32, .float16])
  func whatTheTypeCannotHoldIsRefused(_ type: ElementType) throws {
    let weights = try Tensor(type, rounding: [1, 2, 3], [3, 1])
    let layout = AxisLayout(outer: 1, perGroup: 3, inner: 1)
    for factor in [1e39, .infinity, .nan] {
      #expect(throws: TensorError.self) { try weights.scaled(along: layout, by: [1, factor, 1]) }
    }
  }

  @Test func halfPrecisionKeepsItsDigits() throws {
    let weights = try Tensor(.float16, rounding: [1, 1], [2, 1])
    let layout = AxisLayout(outer: 1, perGroup: 2, inner: 1)
    #expect(throws: TensorError.self) { try weights.scaled(along: layout, by: [1, 1e-6]) }
    #expect(try weights.scaled(along: layout, by: [1, 0]).doubles() == [1, 0])
  }

  @Test func factorsMustFit() throws {
    let weights = try Tensor(float32: [1, 2, 3])
    #expect(throws: TensorError.self) {
      try weights.scaled(along: AxisLayout(outer: 1, perGroup: 2, inner: 1), by: [1, 2])
    }
  }
}
