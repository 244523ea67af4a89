import Foundation
import GraphIR
import PassPipeline
import Passes
import Rewriting
import Testing

@Suite struct OrderSearchTests {
  /// Takes away the pattern that `Pair` would have found.
  private struct Early: RewriteRule {
    static let summary = "", exactness = Exactness.bitwise, examples: [Example] = []
    var body: [Rewrite] { (Op.Neg(Op.Neg(Var("x"))) => Op.Abs(Op.Neg(Var("x")))).benefit(9) }
  }

  private struct Pair: RewriteRule {
    static let summary = "", exactness = Exactness.bitwise, examples: [Example] = []
    var body: [Rewrite] { Op.Neg(Op.Neg(Var("x"))) => Var("x") }
  }

  private let manager = PassManager(
    registry: PassRegistry(
      PassRegistry.builtIn.passes.filter { !($0 is any RewriteRule.Type) } + [Early.self, Pair.self]))

  private var model: Model {
    get throws {
      try Model(NamedModel(example: "a = Neg(x); b = Neg(a); c = Neg(b); d = Neg(c); y = Relu(d)"))
    }
  }

  private func search(
    tries: Int = 40, _ journal: inout some AttemptJournal
  ) throws -> OrderSearch.Outcome {
    try OrderSearch(manager, cost: StaticPlanCost.nodes, evaluator: nil)
      .run(on: model, tries: tries, journal: &journal)
  }

  @Test func aRuleThatStandsInTheWayIsLeftOutOrPostponed() throws {
    var journal = TransientJournal()
    let outcome = try search(&journal)
    #expect(outcome.start.measurement.nodes == 5 && outcome.best.measurement.nodes == 1)
    #expect(outcome.best.plan == PassPlan().leavingOut("early"))
    #expect(!outcome.wasCut)
    let pipeline = OrderSearch(manager, cost: StaticPlanCost.nodes, evaluator: nil).pipeline(
      for: outcome.best.plan)
    #expect(pipeline.description.contains("rules(pair)"))
    #expect(try Pipeline(parsing: pipeline.description) == pipeline, "it can be given to --passes")
  }

  @Test func theNumberOfTriesIsKept() throws {
    var journal = TransientJournal()
    let outcome = try search(tries: 1, &journal)
    #expect(outcome.attempts.count == 1 && outcome.wasCut)
    #expect(outcome.best.plan == PassPlan())
  }

  @Test func aJournalIsGoneOnWith() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "order-\(UUID()).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var first = try AttemptFile(path: path, model: "1f", cost: "nodes")
    _ = try search(tries: 2, &first)
    #expect(first.count == 2)
    // An interruption in the middle of a line.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"plan\":".utf8))
    try handle.close()
    var second = try AttemptFile(path: path, model: "1f", cost: "nodes")
    #expect(second.count == 2)
    #expect(try search(&second).best.measurement.nodes == 1)
    let bytes = try Data(contentsOf: URL(filePath: path))
    var third = try AttemptFile(path: path, model: "1f", cost: "nodes")
    #expect(try search(&third).best.measurement.nodes == 1)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes, "everything was known")
    #expect(throws: ModelError.self) { try AttemptFile(path: path, model: "2e", cost: "nodes") }
  }

  @Test func noiseIsNoGain() {
    let start = PlanMeasurement(1, in: 0.9...1.1, nodes: 10)
    #expect(!PlanMeasurement(0.95, in: 0.85...1.05, nodes: 10).isBetter(than: start))
    #expect(PlanMeasurement(0.8, in: 0.75...0.85, nodes: 12).isBetter(than: start))
    #expect(PlanMeasurement(0.95, in: 0.85...1.05, nodes: 9).isBetter(than: start), "as fast, and smaller")
  }

  @Test func gainsAreThoseOfTheJournal() throws {
    var model = try model
    _ = try manager.run(Pipeline(parsing: "rules(pair)"), on: &model, in: PassContext())
    let gain = try #require(RuleGains(model).gains.first)
    #expect(gain.author == "pair" && gain.applications == 2 && gain.nodes == 4)
  }
}
