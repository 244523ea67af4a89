import TensorCore
import Testing

/// The types of IR version 14, whose elements cross byte borders.
@Suite struct SixBitFloatTests {
  @Test(arguments: [(ElementType.float6E2M3, 7.5, 0.125), (.float6E3M2, 28.0, 0.0625)])
  func valuesArePackedFourToThreeBytes(type: ElementType, largest: Double, smallest: Double) throws {
    let values = [0, smallest, -1, largest, -largest, 1000, 1]
    let tensor = try Tensor(type, rounding: values, [7])
    #expect(tensor.byteCount == 6)
    #expect(try tensor.doubles() == [0, smallest, -1, largest, -largest, largest, 1])
  }

  @Test func theFirstElementTakesTheLowestBits() throws {
    // Patterns 1, 2, 3, 4 of e2m3, which are multiples of 1/8.
    let tensor = try Tensor(.float6E2M3, rounding: [0.125, 0.25, 0.375, 0.5], [4])
    #expect(tensor.withUnsafeBytes { Array($0) } == [0b10_000001, 0b0011_0000, 0b000100_00])
  }
}
