import GraphIR
import LinearAlgebra
import TensorCore

/// A layer whose outputs are known to vary most in some directions.
struct FactoredLayer: Sendable {
  /// A layer that is large enough, as it lies in the model and as a matrix.
  struct Candidate {
    let layer: QuantizableLayer
    let matrix: ChannelLayer

    /// The narrowest, as many as the second moments have room for.
    static func all(in model: Model, keeping: Set<NodeID>, momentBytes: Int) -> [Candidate] {
      let all = model.nodes(of: model.mainGraph).filter { !keeping.contains($0) }.compactMap { node in
        QuantizableLayer(node, in: model).flatMap { layer in
          ChannelLayer(layer, in: model).map { Candidate(layer: layer, matrix: $0) }
        }
      }.filter { !FactoredLayer.ranks($0.matrix).isEmpty }
      var bytes = 0
      return all.sorted { ($0.matrix.columns, $0.layer.node) < ($1.matrix.columns, $1.layer.node) }.prefix {
        bytes += $0.matrix.columns * $0.matrix.columns * MemoryLayout<Double>.size
        return bytes <= momentBytes
      }.sorted { $0.layer.node < $1.layer.node }
    }
  }

  let node: NodeID
  private let layer: QuantizableLayer
  private let matrix: ChannelLayer
  private let means: [Double]
  /// Of the outputs, row by row; those in which they vary most first.
  private let directions: Matrix
  /// From high to low.
  let ranks: [Int]
  /// The squared error relative to the outputs' variation, at each rank.
  let errors: [Double]

  /// Eigenvectors of more take too long.
  private static let mostOutputs = 1536

  /// Multiples of what runtimes compute at once that leave less than 0.9 of the multiplications.
  static func ranks(_ matrix: ChannelLayer) -> [Int] {
    let (columns, outputs) = (matrix.columns, matrix.outputs)
    guard outputs <= mostOutputs, min(columns, outputs) >= 16 else { return [] }
    let step = min(columns, outputs) >= 128 ? 16 : 8
    let highest = 9 * columns * outputs / (10 * (columns + outputs))
    return stride(from: highest / step * step, to: 0, by: -step).map { $0 }
  }

  /// Nil where rounding leaves no directions.
  init?(_ layer: QuantizableLayer, _ covariance: ChannelCovariance, in model: Model) throws {
    let weights = covariance.layer.weights
    let spread = try weights.multiplied(by: covariance.matrix).multiplied(by: weights.transposed)
    guard let found = try spread.symmetricEigenvectors() else { return nil }
    let strengths = found.values.map { max($0, 0) }
    let total = strengths.reduce(0, +)
    guard total.isFinite, total > 0 else { return nil }
    node = layer.node
    (self.layer, matrix, means, directions) = (layer, covariance.layer, covariance.means, found.vectors)
    ranks = Self.ranks(covariance.layer)
    errors = ranks.map { strengths[$0...].reduce(0, +) / total }
  }

  /// The share of the layer's multiplications, and nearly of its weights, that a rank leaves.
  func share(at rank: Int) -> Double {
    Double(rank * (matrix.columns + matrix.outputs)) / Double(matrix.columns * matrix.outputs)
  }

  /// Uᵀ·W [rank, columns], U [outputs, rank], and what the lost directions gave on average.
  func factors(rank: Int) throws -> (first: Matrix, second: Matrix, offset: [Double]) {
    let kept = directions.rows(0..<rank)
    let first = try kept.multiplied(by: matrix.weights)
    let lost = try matrix.weights - kept.transposed.multiplied(by: first)
    return (
      first, kept.transposed, try lost.multiplied(by: Matrix(rows: means.count, columns: 1, means)).values
    )
  }

  /// - Throws: `ModelError` or `TensorError`, before the first edit of this layer.
  func replace(rank: Int, with rewriter: inout Rewriter) throws {
    let factors = try factors(rank: rank)
    let constants = try [first(factors.first), second(factors.second)]
    let bias = try layer.bias.map { old in
      try Tensor(.float32, rounding: zip(old.doubles(), factors.offset).map(+), [factors.offset.count])
    }
    guard !rewriter.model.isErased(node), let output = rewriter.model.output(0, of: node) else {
      throw ModelError("needs a layer that is gone")
    }
    let graph = rewriter.model.graph(of: node)
    let (type, op) = (rewriter.model.type(of: output), rewriter.model.operatorName(of: node).name)
    let values = (constants + [bias].compactMap { $0 }).map { rewriter.addConstant($0, in: graph) }
    let inner = rewriter.value(
      of: op == "Conv" ? op : "MatMul", [layer.input, values[0]], type: innerType(type, rank),
      attributes: op == "Conv" ? convolutionAttributes(rewriter.model) : [], before: node)
    let result = rewriter.value(of: op, [inner] + values.dropFirst(), type: type, before: node)
    try rewriter.replaceAllUses(of: output, with: result)
    rewriter.eraseIfDead(node)
  }

  /// As weights of a convolution with the old kernel, or of a product.
  private func first(_ factor: Matrix) throws -> Tensor {
    if layer.weights.rank > 2 {
      return try Tensor(
        .float32, rounding: factor.values, [factor.rows] + layer.weights.dimensions.dropFirst())
    }
    return try Tensor(.float32, rounding: factor.transposed.values, [factor.columns, factor.rows])
  }

  /// As weights of a convolution with one element, or of a product.
  private func second(_ factor: Matrix) throws -> Tensor {
    if layer.weights.rank > 2 {
      let ones = layer.weights.dimensions.dropFirst(2).map { _ in 1 }
      return try Tensor(.float32, rounding: factor.values, [factor.rows, factor.columns] + ones)
    }
    return try Tensor(.float32, rounding: factor.transposed.values, [factor.columns, factor.rows])
  }

  private func convolutionAttributes(_ model: Model) -> [Attribute] { model.attributes(of: node) }

  private func innerType(_ type: ValueType?, _ rank: Int) -> ValueType? {
    guard var tensor = type?.tensorType, var shape = tensor.shape, shape.rank >= 2 else { return nil }
    shape[layer.weights.rank > 2 ? 1 : shape.rank - 1] = .fixed(rank)
    tensor.shape = shape
    return .tensor(tensor)
  }
}
