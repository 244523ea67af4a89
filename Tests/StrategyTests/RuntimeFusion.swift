import Evaluation
import Foundation
import GraphIR
import ONNXFormat
import TensorCore

extension Model {
  /// The operators that ONNX Runtime's own optimizer ends with, in order.
  func fusedOperators() throws -> [String] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).onnx").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = try ONNXFormat.encode(named(types: .none))
    let options = SessionOptions(optimization: .all, optimizedModelPath: path)
    _ = try OnnxRuntime.load().makeSession(.bytes(bytes), options)
    return try ONNXFormat.read(path).graph.nodes.map(\.op.name)
  }

  /// The mean squared difference of the first output from that of `other`, relative to its variance, both run as
  /// they are written.
  func relativeError(from other: Model, _ inputs: [String: Tensor]) throws -> Double {
    let (mine, theirs) = (try run(inputs)[0].doubles(), try other.run(inputs)[0].doubles())
    let mean = theirs.reduce(0, +) / Double(theirs.count)
    let error = zip(mine, theirs).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return error / theirs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
}

/// Numbers from the normal distribution, the same for the same seed.
func normalTensor(_ sizes: [Int], seed: UInt64) throws -> Tensor {
  var random = RandomSource(seed: seed)
  return try Tensor(.float32, rounding: random.normals(sizes.reduce(1, *)), sizes)
}
