import GraphAnalysis
import GraphIR
import Rewriting

/// One rule, driven over a graph in the shorthand of examples.
struct Drive {
  let model: Model
  let statistics: RuleStatistics
  let reason: GreedyDriver.StopReason
  let failures: [GreedyDriver.Failure]

  init(
    _ text: String, given: String = "", opset: Int = 21, rules: [(name: String, rewrites: [Rewrite])]
  ) throws {
    var model = try Model(NamedModel(example: text, given: given, opset: opset))
    ShapeInference.run(on: &model)
    var driver = GreedyDriver(RuleSet(rules))
    reason = driver.run(on: &model)
    try Verifier.verify(model)
    self.model = model
    statistics = driver.statistics
    failures = driver.failures
  }

  init(_ text: String, given: String = "", opset: Int = 21, _ rewrite: Rewrite) throws {
    try self.init(text, given: given, opset: opset, rules: [(name: "rule", rewrites: [rewrite])])
  }

  /// The operators of the main graph, in order.
  var operators: [String] { model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name } }

  var names: [String] { model.nodes(of: model.mainGraph).map { model.name(of: $0) } }

  var refusals: [String] { statistics.byRule["rule"].map { $0.refusals.keys.sorted() } ?? [] }

  func node(_ name: String) -> NodeID? {
    model.allNodes.first { model.operatorName(of: $0).name == name }
  }
}
