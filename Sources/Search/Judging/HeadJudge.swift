import Evaluation
import GraphIR
import LinearAlgebra
import TensorCore

/// The last linear layer of the original and what follows it, for judging features that variants compute.
struct HeadJudge {
  let head: LinearHead
  let parameters: LinearMap
  /// The original's scores before normalization on all calibration samples, [samples, classes].
  private let targets: Matrix
  /// From the head's output to the graph's; nil where they are the same value.
  private let tail: VariantRunner.Variant?
  /// The head and everything behind it: where a change is made to one of these, this judge cannot tell its effect.
  let nodes: Set<NodeID>
  private let runner: VariantRunner
  private static let tailInput = "workbench_scores"

  /// Nil where the model has no linear layer that its scores come from.
  init?(model: Model, scores: (name: String, value: ValueID), calibration: SampleSet, runner: VariantRunner)
    throws
  {
    guard let head = LinearHead.find(above: scores.value, in: model) else { return nil }
    self.head = head
    self.runner = runner
    parameters = try head.parameters(in: model)
    let original = try runner.prepare(model.extracting([(name: VariantPart.features, value: head.features)]))
    guard let features = Matrix(try runner.run(original, on: calibration)[0]),
      features.columns == parameters.weights.rows
    else { return nil }
    targets = try parameters.applied(to: features)
    nodes = Self.nodes(from: head.node, in: model)
    guard head.output != scores.value else {
      tail = nil
      return
    }
    tail = try runner.prepare(
      model.extracting([scores], from: [(name: Self.tailInput, value: head.output)]))
  }

  /// - Parameter count: the calibration samples are the first so many.
  func fit(_ features: Tensor, count: Int) throws -> RidgeRefit.Fit? {
    guard let features = Matrix(features) else { return nil }
    return try RidgeRefit.fit(parameters, features: features, targets: targets.rows(0..<count))
  }

  /// The graph's scores for these features; `map` nil for the original's parameters.
  func scores(of features: Tensor, with map: LinearMap?) throws -> Tensor {
    guard let features = Matrix(features) else { throw ModelError("the features are no matrix") }
    let scores = try (map ?? parameters).applied(to: features)
    let tensor = try Tensor(.float32, rounding: scores.values, [scores.rows, scores.columns])
    guard let tail else { return tensor }
    return try runner.run(tail, on: tensor, as: Self.tailInput)
  }

  private static func nodes(from head: NodeID, in model: Model) -> Set<NodeID> {
    var reached: Set<NodeID> = []
    var pending = [head]
    while let node = pending.popLast() {
      guard reached.insert(node).inserted else { continue }
      pending += model.outputs(of: node).flatMap { model.users(of: $0) }
    }
    return reached
  }
}
