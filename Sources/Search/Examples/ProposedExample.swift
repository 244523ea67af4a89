import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import PassPipeline
import TensorCore

/// The graph of a strategy's example, with what the strategy proposes for it.
public struct ProposedExample {
  /// With types.
  public let before: Model
  public let proposals: Proposals
  private let data: ExampleData

  private static let calibrationSamples = 256

  /// - Parameter evaluator: runs the graph on calibration data.
  /// - Throws: where the example does not parse or run, and what the strategy throws.
  public init(_ example: StrategyExample, of type: any Strategy.Type, evaluator: any ConstantEvaluator) throws
  {
    let named = try NamedModel(
      example: example.graph, given: example.given ?? type.given, opset: example.opset, file: example.file)
    var model = try Model(named)
    ShapeInference.run(on: &model)
    before = model
    data = ExampleData(of: named, model)
    let activations = DrawnActivations(
      model: model, inputs: try data.binding(samples: Self.calibrationSamples, seed: 0),
      sampleCount: Self.calibrationSamples, evaluator: evaluator)
    proposals = try Proposals(of: type.init(), for: model, activations: activations)
  }

  /// With the changes that an example takes, and with types.
  /// - Throws: `ModelError` where they are not proposed, or cannot be made.
  public func after(_ choice: StrategyExample.Choice) throws -> Model {
    try after(taking: proposals.indices(of: choice))
  }

  /// - Parameter chosen: indices into the titles of `proposals`.
  public func after(taking chosen: [Int]) throws -> Model {
    var model = before
    try proposals.apply(chosen, to: &model)
    ShapeInference.run(on: &model)
    return model
  }

  /// Inputs that the calibration has not seen.
  public func unseenInputs(samples: Int) throws -> [String: Tensor] {
    try data.binding(samples: samples, seed: 1).batch(Array(0..<samples))
  }
}

/// Draws the inputs of an example, as it declares them.
private struct ExampleData {
  let model: Model
  private let ranges: [(name: String, range: ClosedRange<Double>)]

  init(of named: NamedModel, _ model: Model) {
    self.model = model
    ranges = named.graph.inputs.compactMap { input in input.range.map { (name: input.name, range: $0) } }
  }

  func binding(samples: Int, seed: UInt64) throws -> DatasetBinding {
    var inputs = SyntheticInputs(seed: seed, samples: samples, model: model)
    for (name, range) in ranges { inputs.ranges[name] = range }
    return try inputs.dataset(for: model).binding(to: model.inputSignatures)
  }
}

/// What values hold on drawn inputs, computed as constants in one batch.
private struct DrawnActivations: ActivationSource {
  let model: Model
  let inputs: DatasetBinding
  let sampleCount: Int
  let evaluator: any ConstantEvaluator

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
    guard !values.isEmpty else { return }
    let taps = values.enumerated().map { (name: "workbench_tap_\($0.offset)", value: $0.element) }
    var part = try model.extracting(taps)
    let tensors = try inputs.batch(Array(0..<min(samples, sampleCount)))
    try part.edit(as: "calibration data") { rewriter in
      let graph = rewriter.model.mainGraph
      for input in rewriter.model.inputs(of: graph) {
        guard let tensor = tensors[rewriter.model.name(of: input)] else { continue }
        let constant = rewriter.addConstant(tensor, in: graph)
        try rewriter.replaceAllUses(of: input, with: constant)
        rewriter.eraseUnused(input)
      }
    }
    try body(evaluator.evaluate(part))
  }
}
