import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import ONNXFormat
import TensorCore

@testable import Search

/// A model with types, from an example's text (`Docs/TextSyntax.md`).
func typedModel(_ example: String, given: String = "float[N, 4] x") throws -> Model {
  var model = try Model(NamedModel(example: example, given: given))
  ShapeInference.run(on: &model)
  return model
}

extension Model {
  func value(_ name: String) -> ValueID? {
    let all = inputs(of: mainGraph) + nodes(of: mainGraph).flatMap { outputs(of: $0) }
    return all.first { self.name(of: $0) == name }
  }

  var operators: [String] { nodes(of: mainGraph).map { operatorName(of: $0).name } }

  /// Its first output for these inputs, from ONNX Runtime as the model is written.
  func run(_ inputs: [String: Tensor]) throws -> Tensor {
    let bytes = try ONNXFormat.encode(named(types: .none))
    let session = try OnnxRuntime.load().makeSession(.bytes(bytes), .faithful)
    return try session.run(inputs)[0].rows()
  }
}

/// Reproducible numbers in −1…1, which look like noise.
func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var random = RandomSource(seed: seed)
  return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
}

func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "search-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

extension VariantRunner {
  /// A runner for variants of `model` in a worker of its own.
  static func forTests(_ model: Model, samples: Int, folder: String = NSTemporaryDirectory()) -> VariantRunner
  {
    var options = SearchOptions(budget: AccuracyBudget(limit: 0.01), threads: 1)
    options.batchSize = 16
    return VariantRunner(
      client: EvaluationClient(), options: options, base: model, weightFolder: folder, samplesPerPass: samples
    )
  }

  func samples(_ columns: [String: Tensor]) throws -> SampleSet {
    let dataset = try Dataset(
      source: "test", columns: columns.sorted { $0.key < $1.key }.map { Dataset.Column($0.key, $0.value) })
    return SampleSet(dataset: client.dataset(dataset), indices: Array(0..<dataset.count))
  }
}
