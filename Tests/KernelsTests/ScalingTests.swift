import Kernels
import Testing

@Suite struct ScalingTests {
  /// Each element by the factor of its index, by the definition of the layout.
  private func expected(_ values: [Float], _ layout: AxisLayout, _ factors: [Double]) -> [Float] {
    values.indices.map { position in
      let index = position / layout.inner
      let group = index / (layout.perGroup * layout.outer)
      return Float(Double(values[position]) * factors[group * layout.perGroup + index % layout.perGroup])
    }
  }

  private func scaled(_ values: [Float], _ layout: AxisLayout, _ factors: [Double]) -> ([Float], [Double]) {
    var result = [Float](repeating: 0, count: values.count)
    let largest = values.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { scaleAxis(source, layout, by: factors, into: $0) }
    }
    return (result, largest)
  }

  @Test(arguments: [
    AxisLayout(outer: 1, perGroup: 5, inner: 4), AxisLayout(outer: 4, perGroup: 5, inner: 1),
    AxisLayout(groups: 2, outer: 3, perGroup: 5, inner: 1),
    AxisLayout(groups: 3, outer: 2, perGroup: 4, inner: 2),
    AxisLayout(outer: 0, perGroup: 5, inner: 1), AxisLayout(outer: 3, perGroup: 0, inner: 1),
  ]) func everyElementHasTheFactorOfItsIndex(layout: AxisLayout) {
    let values = (0..<layout.elementCount).map { Float($0) * 0.37 - 5 }
    let factors = (0..<layout.axisLength).map { Double($0) - 1.5 }
    let (result, largest) = scaled(values, layout, factors)
    #expect(result == expected(values, layout, factors))
    #expect(largest.max() ?? 0 == result.map { Double(abs($0)) }.max() ?? 0)
  }

  @Test(arguments: [AxisLayout(outer: 2, perGroup: 3, inner: 1), AxisLayout(outer: 1, perGroup: 3, inner: 2)])
  func whatIsNotFiniteIsTold(layout: AxisLayout) {
    var values = [Float](repeating: 1, count: 6)
    values[0] = .nan
    values[5] = .greatestFiniteMagnitude
    #expect(scaled(values, layout, [1, 1, 2]).1 == [.infinity, 1, .infinity])
  }
}
