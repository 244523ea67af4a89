import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// A support vector machine, and the moments of what its kernel gives for each vector.
struct ObservedVectors {
  let node: NodeID
  let table: ValueID
  let vectors: SupportVectors
  private(set) var rows = 0
  private(set) var sums: [Double]
  private(set) var products: Matrix
  private(set) var isSound = true

  /// Their second moments take 32 MB.
  private static let mostVectors = 2048
  /// Of the second moments of the vectors of all scores, score by score.
  private static let mostMoments = 1 << 24
  private static let operators = ["SVMClassifier", "SVMRegressor"]

  init?(_ node: NodeID, in model: Model) {
    let name = model.operatorName(of: node)
    guard name.domain == "ai.onnx.ml", Self.operators.contains(name.name),
      let table = model.input(0, of: node), let shape = model.shape(of: table), shape.rank == 2,
      let width = shape[1].fixedSize, let vectors = SupportVectors(node, width, in: model),
      (2...Self.mostVectors).contains(vectors.count),
      vectors.scores.reduce(0, { $0 + $1.count * $1.count }) <= Self.mostMoments
    else { return nil }
    (self.node, self.table, self.vectors) = (node, table, vectors)
    let count = vectors.count
    sums = [Double](repeating: 0, count: count)
    products = Matrix(rows: count, columns: count, [Double](repeating: 0, count: count * count))
  }

  /// - Throws: `ModelError` without BLAS.
  mutating func add(_ tensor: Tensor) throws {
    guard isSound, let batch = Matrix(tensor), batch.columns == vectors.columns else {
      isSound = false
      return
    }
    guard batch.rows > 0 else { return }
    let values = try vectors.kernelValues(of: batch)
    guard values.isFinite else {
      isSound = false
      return
    }
    try products.addGram(of: values)
    sums = Kernels.sums(sums, values.columnMeans.map { $0 * Double(values.rows) })
    rows += values.rows
  }

  /// Of what the kernel gives, and Σ (k − mean)(k − mean)ᵀ.
  var moments: (means: [Double], covariance: Matrix) {
    let means = sums.map { $0 / Double(max(rows, 1)) }
    var covariance = products.mirroringUpperTriangle()
    subtractOuterProduct(means, means, factor: Double(rows), from: &covariance.values)
    return (means, covariance)
  }
}
