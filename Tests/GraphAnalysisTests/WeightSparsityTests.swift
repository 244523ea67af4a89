import GraphIR
import TensorCore
import Testing

@testable import GraphAnalysis

@Suite struct WeightSparsityTests {
  /// One node that reads x and these weights.
  private func sparsity(
    _ op: String, _ weights: [Float], _ dimensions: [Int], type: ElementType = .float32
  ) throws -> WeightSparsity {
    var named = try NamedModel(
      parsing: """
        <ir_version: 8, opset_import: ["": 17]>
        g (float[N, M] x) => (float[A, B] y)
        { y = \(op) }
        """)
    let tensor = try Tensor(type, rounding: weights.map(Double.init), dimensions)
    named.graph.initializers.append(NamedTensor(tensor, name: "w"))
    let model = try Model(named)
    return try #require(WeightSparsity.all(of: model).first)
  }

  @Test func countsZerosAndSmallNumbers() throws {
    let found = try sparsity("MatMul(x, w)", [0, -0.0, 1000, 1, -0.5, 2, 3, -1000], [4, 2])
    #expect(found.zeros == 2 && found.small == 4 && found.elements == 8)
    #expect(found.outputs.count == 2 && found.inputs.count == 4 && found.inputs.zeros == 1)
  }

  @Test func blocksFollowTheSum() throws {
    // Column 0 has three zeros of four, column 1 none.
    let matrix: [Float] = [0, 1, 0, 2, 0, 3, 5, 4]
    let right = try #require(try sparsity("MatMul(x, w)", matrix, [4, 2]).blocks)
    #expect(right.count == 2 && right.twoOfFour == 1 && right.oneOfFour == 1 && right.empty == 0)
    // The same numbers, summed over along the rows.
    let left = try #require(try sparsity("MatMul(w, x)", matrix, [2, 4]).blocks)
    #expect(left.twoOfFour == 1 && left.oneOfFour == 0)
    let transposed = try #require(try sparsity("Gemm<transB = 1>(x, w)", matrix, [2, 4]).blocks)
    #expect(transposed.twoOfFour == 1)
  }

  @Test func convolutionsAreBlockedAlongTheirInputChannels() throws {
    // [1 output, 4 inputs, 2 elements]: element 0 has two zeros, element 1 has none.
    let found = try sparsity("Conv(x, w)", [0, 1, 0, 2, 1, 3, 1, 4], [1, 4, 2])
    let blocks = try #require(found.blocks)
    #expect(blocks.count == 2 && blocks.twoOfFour == 1 && !found.isPointwise)
    #expect(try sparsity("Conv(x, w)", [1, 2, 3, 4], [1, 4, 1, 1]).isPointwise)
    // A depthwise convolution sums over one channel.
    #expect(try sparsity("Conv<group = 4>(x, w)", [1, 2, 3, 4], [4, 1, 1]).blocks == nil)
  }

  @Test func channelsOfZerosAreSeenPerGroup() throws {
    // Two groups of one output and two inputs each: the second input of the second group is unused.
    let grouped = try sparsity("Conv<group = 2>(x, w)", [1, 2, 3, 0], [2, 2, 1])
    #expect(grouped.inputs.count == 4 && grouped.inputs.zeros == 1 && grouped.outputs.zeros == 0)
    let transposed = try sparsity("ConvTranspose(x, w)", [1, 2, 0, 0, 3, 4, 0, 0], [2, 2, 2])
    #expect(transposed.outputs.count == 2 && transposed.outputs.zeros == 1 && transposed.inputs.zeros == 0)
  }

  @Test func aLastBlockIsFilledWithZeros() throws {
    let blocks = try #require(try sparsity("MatMul(x, w)", [1, 2, 3, 4, 5, 6], [6, 1]).blocks)
    #expect(blocks.count == 2 && blocks.twoOfFour == 1 && blocks.empty == 0)
  }

  @Test func errorsAreThoseOfTheLeastMagnitudes() throws {
    let found = try sparsity("MatMul(x, w)", [1, -4, 2, 8, 8, -8, 8, 8], [8, 1])
    let square = 1.0 + 16 + 4 + 5 * 64
    #expect(abs(try #require(found.errorOfTwoOfFour) - (1 + 4 + 128) / square) < 1e-12)
    #expect(abs(try #require(found.errorOfHalf) - (1 + 4 + 16 + 64) / square) < 1e-12)
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16])
  func partsGiveWhatTheWholeGives(_ type: ElementType) throws {
    // More than one part in each direction that weights are cut.
    for dimensions in [[40, 70_000], [70_000, 40], [8, 300_000], [300_000, 8]] {
      let count = dimensions[0] * dimensions[1]
      let weights = (0..<count).map { Float(($0 * 7919) % 13) - 6 }
      let found = try sparsity("MatMul(x, w)", weights, dimensions, type: type)
      let zeros = weights.count { $0 == 0 }
      #expect(found.zeros == zeros && found.outputs.count == dimensions[1])
      let blocks = try #require(found.blocks)
      #expect(blocks.count == (dimensions[0] + 3) / 4 * dimensions[1])
      if dimensions[0] % 4 == 0 {
        var expected = 0
        for first in stride(from: 0, to: dimensions[0], by: 4) {
          for column in 0..<dimensions[1] {
            let inBlock = (first..<first + 4).count { weights[$0 * dimensions[1] + column] == 0 }
            expected += inBlock >= 2 ? 1 : 0
          }
        }
        #expect(blocks.twoOfFour == expected)
      }
    }
  }

  @Test func numbersThatAreNotFiniteHaveNoErrors() throws {
    for odd in [Float.nan, .infinity] {
      let found = try sparsity("MatMul(x, w)", [1, odd, 0, 4], [4, 1])
      #expect(found.zeros == 1 && found.errorOfHalf == nil && found.errorOfTwoOfFour == nil)
    }
    #expect(try sparsity("MatMul(x, w)", [0, 0, 0, 0], [4, 1]).errorOfHalf == nil)
  }

  @Test func otherConstantsAreNoWeights() throws {
    let model = try Model(
      NamedModel(
        parsing: """
          <ir_version: 8, opset_import: ["": 17]>
          g (float[N, 2] x) => (float[N, 2] y)
          <float[2] b = {0, 0}, int64[2] s = {-1, 2}, float[2] wrong = {1, 2}>
          { h = Add(x, b) k = Reshape(h, s) y = MatMul(k, wrong) }
          """))
    #expect(WeightSparsity.all(of: model).isEmpty)
  }
}
