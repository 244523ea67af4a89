import Candidates
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import Kernels
import ONNXFormat
import PassPipeline
import TensorCore

@testable import Passes

/// A trained model of the Corpus after the exact passes, with its calibration samples.
struct CorpusModel {
  let model: Model
  private let binding: DatasetBinding

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Corpus/models/\(name)")
    var model = try Model(ONNXFormat.read(folder.appending(path: "model.onnx").path))
    ShapeInference.run(on: &model)
    let context = PassContext(evaluator: RuntimeConstantEvaluator(try OnnxRuntime.load()))
    _ = try PassManager(registry: .builtIn).run(.exact, on: &model, in: context)
    self.model = model
    let dataset = try Dataset.load(folder.appending(path: "calib.npz").path)
    let bytes = try ONNXFormat.encode(model.named(types: .none))
    let session = try OnnxRuntime.load().makeSession(.bytes(bytes), .faithful)
    binding = try dataset.binding(to: session.inputs)
  }

  func inputs(_ indices: Range<Int>) throws -> [String: Tensor] { try binding.batch(Array(indices)) }

  /// The first 128 samples.
  func activations(of model: Model? = nil) throws -> RuntimeActivations {
    try RuntimeActivations(model ?? self.model, batches: [inputs(0..<64), inputs(64..<128)])
  }

  /// The mean squared difference of the changed model's outputs on the samples that `activations` does not have,
  /// relative to the variance of the exact model's.
  func loss(of changed: Model) throws -> Double { try changed.relativeError(from: model, inputs(128..<256)) }
}

extension Model {
  /// Puts the weights of layers on their nearest levels, in floating point.
  /// - Parameter block: of a layer; nil to leave it as it is.
  mutating func roundWeights(to levels: ClosedRange<Int>, block: (QuantizableLayer, Model) -> Int?) throws {
    for node in nodes(of: mainGraph) {
      guard let layer = QuantizableLayer(node, in: self), let block = block(layer, self),
        let value = input(1, of: node)
      else { continue }
      var matrix = try layer.matrix()
      let grid = LevelGrid(spanning: matrix.values, columns: matrix.columns, block: block, levels: levels)
      matrix.values = grid.values(of: grid.rounded(matrix.values))
      let values = layer.axis == 0 ? matrix.values : matrix.transposed.values
      let tensor = try Tensor(.float32, rounding: values, layer.weights.dimensions)
      edit(as: "test") { $0.setConstant(value, to: tensor) }
    }
  }

  /// Of its file, without what nothing reads.
  func byteCount() throws -> Int {
    let outputs = zip(outputNames(of: mainGraph), outputs(of: mainGraph)).map { (name: $0, value: $1) }
    return try ONNXFormat.encode(extracting(outputs).named(types: .none)).count
  }
}
