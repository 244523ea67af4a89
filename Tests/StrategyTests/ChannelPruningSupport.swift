import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import TensorCore

@testable import Passes

/// A model with types, from an example's text.
func channelModel(_ example: String, given: String, opset: Int = 21) throws -> Model {
  var model = try Model(NamedModel(example: example, given: given, opset: opset))
  ShapeInference.run(on: &model)
  return model
}

/// The squared difference of first outputs, relative to their squares, on normally distributed samples.
func relativeError(of changed: Model, to model: Model, sample: [Int], samples: Int) throws -> Double {
  let inputs = try RuntimeActivations(model, sample, batches: 1, of: samples).batches[0]
  let (first, second) = try (model.run(inputs)[0].doubles(), changed.run(inputs)[0].doubles())
  let error = zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return error / first.reduce(0) { $0 + $1 * $1 }
}

extension Model {
  /// Its outputs for these inputs, from ONNX Runtime.
  func run(_ inputs: [String: Tensor]) throws -> [Tensor] {
    let bytes = try ONNXFormat.encode(named(types: .none))
    let session = try OnnxRuntime.load().makeSession(.bytes(bytes), .faithful)
    return try session.run(inputs).map { try $0.rows() }
  }

  func node(_ output: String) -> NodeID? {
    nodes(of: mainGraph).first { name(of: outputs(of: $0)[0]) == output }
  }

  func value(_ name: String) -> ValueID? { node(name).map { outputs(of: $0)[0] } }

  func shape(ofWeights output: String) -> [Int]? {
    node(output).flatMap { input(1, of: $0) }.flatMap { constant($0) }?.dimensions
  }
}

/// Runs a model on given inputs, in batches.
struct RuntimeActivations: ActivationSource {
  let model: Model
  let batches: [[String: Tensor]]
  var sampleCount: Int { batches.reduce(0) { $0 + ($1.values.first?.dimensions.first ?? 0) } }

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
    let named = values.enumerated().map { (name: "tap_\($0.offset)", value: $0.element) }
    let part = try model.extracting(named)
    for batch in batches { try body(part.run(batch)) }
  }

  init(_ model: Model, batches: [[String: Tensor]]) {
    (self.model, self.batches) = (model, batches)
  }

  /// Normally distributed samples of one input.
  init(_ model: Model, input: String = "x", _ sample: [Int], batches: Int = 4, of size: Int = 64) throws {
    self.model = model
    var random = RandomSource(seed: 7)
    self.batches = try (0..<batches).map { _ in
      let values = random.normals(size * sample.reduce(1, *))
      return [input: try Tensor(.float32, rounding: values, [size] + sample)]
    }
  }
}
