import GraphIR
import TensorCore

/// A product with a constant matrix whose weights are stored in few bits with a scale for each block of a column, and
/// whose activations stay in floating point: ONNX Runtime's operator `MatMulNBits`.
struct BlockwiseProduct: Sendable {
  private let layer: QuantizableLayer
  private let weights: LevelledWeights
  private let bits: Int

  static let operatorName = OperatorName("MatMulNBits", domain: "com.microsoft")

  /// - Parameter bits: 4 or 8, those of the weights' levels.
  init(_ layer: QuantizableLayer, _ weights: LevelledWeights, bits: Int) {
    (self.layer, self.weights, self.bits) = (layer, weights, bits)
  }

  /// A product whose left operand is known to be no vector, and has a column for most places of a block.
  static func canTake(_ layer: QuantizableLayer, block: Int, in model: Model) -> Bool {
    guard model.operatorName(of: layer.node).name != "Conv", layer.weights.rank == 2 else { return false }
    let columns = layer.weights.dimensions[1 - layer.axis]
    return columns >= block && model.shape(of: layer.input)?.rank ?? 0 >= 2
  }

  /// Of each weight, with its part of the scale.
  static func storedBits(bits: Int, block: Int) -> Double { Double(bits) + 32 / Double(block) }

  func replace(with rewriter: inout Rewriter) throws {
    let node = layer.node
    let output = rewriter.model.outputs(of: node)[0]
    let type = rewriter.model.type(of: output)
    rewriter.importDomain(of: Self.operatorName, in: rewriter.model.graph(of: node))
    let constants = try [packed(), scales()]
      .map { rewriter.addConstant($0, in: rewriter.model.graph(of: node)) }
    var result = rewriter.value(
      of: Self.operatorName.name, [layer.input] + constants, type: type, attributes: attributes,
      domain: Self.operatorName.domain, before: node)
    if let bias = try weights.correctedBias(of: layer) {
      let row = rewriter.addConstant(bias, in: rewriter.model.graph(of: node))
      result = rewriter.value(of: "Add", [result, row], type: type, before: node)
    }
    try rewriter.replaceAllUses(of: output, with: result)
    rewriter.eraseIfDead(node)
  }

  private var attributes: [Attribute] {
    let numbers = [
      ("K", weights.grid.columns), ("N", weights.outputs), ("bits", bits), ("block_size", weights.grid.block),
      ("accuracy_level", usesIntegers ? 4 : 0),
    ]
    return numbers.map { Attribute($0.0, .int(Int64($0.1))) }
  }

  /// Whether the kernel quantizes activations to 8 bits, block by block, rather than weights back to floating point.
  ///
  /// Measured in ONNX Runtime 1.32 with AVX-512 VNNI, one thread, next to products in single precision of one row and
  /// of 64: matrices of 256 × 1024 in 4 bits take 0.45 and 0.86 with integers, 1.17 and 1.06 without; of 64 × 64, 64
  /// rows take 2.0 and 1.1. In 8 bits, one row takes 0.5 and 12 to 19, since there is no other kernel.
  private var usesIntegers: Bool { bits == 8 || weights.levels.count >= 256 * 256 }

  /// Levels from 0 on, the middle one for 0, in blocks of whole bytes, the first of two in the lower half.
  private func packed() throws -> Tensor {
    let (grid, middle) = (weights.grid, UInt8(1) << (bits - 1))
    let width = grid.blocks * grid.block
    var bytes = [UInt8](repeating: 0, count: weights.outputs * width * bits / 8)
    for output in 0..<weights.outputs {
      for column in 0..<width {
        let level = column < grid.columns ? weights.levels[output * grid.columns + column] : 0
        let code = UInt8(bitPattern: level) &+ middle
        let place = output * width + column
        if bits == 4 {
          bytes[place / 2] |= (code & 15) << (place % 2 * 4)
        } else {
          bytes[place] = code
        }
      }
    }
    return try Tensor(.uint8, elements: bytes, [weights.outputs, grid.blocks, grid.block * bits / 8])
  }

  private func scales() throws -> Tensor {
    try Tensor(float32: weights.grid.scales, [weights.outputs, weights.grid.blocks])
  }
}
