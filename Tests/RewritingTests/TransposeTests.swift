import Rewriting
import TensorCore
import Testing

/// `Tensor.transposed`, against its definition: result[i₀, i₁, …] = tensor[…], axes taken in the permutation's order.
@Suite struct TransposeTests {
  private static let cases: [(sizes: [Int], permutation: [Int])] = [
    ([], []), ([5], [0]), ([3, 4], [1, 0]), ([3, 4], [0, 1]), ([40, 70], [1, 0]), ([2, 3, 4], [2, 1, 0]),
    ([2, 3, 4], [0, 2, 1]), ([2, 3, 4], [1, 0, 2]), ([1, 33, 1, 35], [3, 0, 1, 2]), ([2, 0, 3], [2, 0, 1]),
    ([3, 2, 2, 5], [2, 3, 0, 1]),
  ]

  @Test(arguments: cases)
  func movesElements(_ sizes: [Int], _ permutation: [Int]) throws {
    let count = sizes.reduce(1, *)
    for type in [ElementType.uint8, .float16, .float32, .float64] {
      let tensor = try Tensor(type, rounding: (0..<count).map { Double($0 % 200) }, sizes)
      let result = try tensor.transposed(permutation)
      #expect(result.dimensions == permutation.map { sizes[$0] })
      #expect(try result.doubles() == expected(tensor, permutation))
    }
  }

  @Test func elementsOfSixteenBytesAreMovedWhole() throws {
    let tensor = try Tensor(.complex128, [2, 2]) { bytes in
      for index in bytes.indices { bytes[index] = UInt8(index) }
    }
    let first = try tensor.transposed([1, 0]).withUnsafeBytes { $0.map { $0 / 16 } }
    #expect(first == [0, 2, 1, 3].flatMap { [UInt8](repeating: $0, count: 16) })
  }

  private func expected(_ tensor: Tensor, _ permutation: [Int]) throws -> [Double] {
    let values = try tensor.doubles()
    let sizes = permutation.map { tensor.dimensions[$0] }
    return values.indices.map { position in
      var (rest, index) = (position, [Int](repeating: 0, count: sizes.count))
      for axis in sizes.indices.reversed() {
        index[permutation[axis]] = rest % sizes[axis]
        rest /= sizes[axis]
      }
      return values[zip(index, tensor.dimensions).reduce(0) { $0 * $1.1 + $1.0 }]
    }
  }
}
