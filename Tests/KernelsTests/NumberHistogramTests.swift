import Kernels
import Testing

@Suite struct NumberHistogramTests {
  private func summary(_ batches: [[Float]]) -> NumberSummary {
    var summary = NumberSummary()
    for batch in batches { batch.withUnsafeBufferPointer { summary.add($0) } }
    return summary
  }

  @Test func zerosStayExact() {
    let points = summary([[0, 1, 0, -1]]).histogram.points
    #expect(points.values.contains(0))
    #expect(points.counts == [1, 2, 1])
    #expect(points.total == 4)
  }

  @Test func binsGrowWithTheNumbers() {
    let points = summary([[0.5, -0.25], [100, -3], [1e-3]]).histogram.points
    #expect(points.total == 5)
    for (value, exact) in zip(points.values, [-3, -0.25, 1e-3, 0.5, 100] as [Float]) {
      #expect(abs(value - exact) <= 128 / 4096)
    }
  }

  @Test func theLargestNumbersHaveABin() {
    let huge = Float.greatestFiniteMagnitude
    let points = summary([[huge, -huge, 1]]).histogram.points
    #expect(points.total == 3)
    #expect(points.values.allSatisfy { $0.isFinite })
  }

  @Test func theSmallestNumbersHaveABin() {
    let least = Float.leastNonzeroMagnitude
    #expect(summary([[least, -least]]).histogram.points.total == 2)
  }

  @Test func numbersThatAreNoneAreNotCounted() {
    let summary = summary([[1, .nan], [.infinity]])
    #expect(!summary.isFinite)
    #expect(summary.histogram.points.total == 0)
  }

  @Test func roundingErrorsCountEveryNumber() {
    var points = NumberPoints()
    points.append(0.25, 3)
    points.append(300, 1)
    // Three are off by a quarter, one is cut to 255.
    let sum: Double = 0.1875 + 2025
    #expect(points.errorOfBytes(scale: 1, zeroPoint: 0) == sum / 4)
  }
}
