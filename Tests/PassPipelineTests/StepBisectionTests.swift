import GraphIR
import PassPipeline
import Rewriting
import Testing

@Suite struct StepBisectionTests {
  /// `Abs` stands for what a sound rule leaves, `Exp` for damage.
  private struct Sound: RewriteRule {
    static let summary = "", exactness = Exactness.bitwise, examples: [Example] = []
    var body: [Rewrite] { Op.Relu(Var("x")) => Op.Abs(Var("x")) }
  }

  private struct Faulty: RewriteRule {
    static let summary = "", exactness = Exactness.bitwise, examples: [Example] = []
    var body: [Rewrite] { Op.Neg(Var("x")) => Op.Exp(Var("x")) }
  }

  private let manager = PassManager(registry: PassRegistry([Sound.self, Faulty.self]))

  @Test func theFirstFaultyStepIsFound() throws {
    let model = try Model(
      NamedModel(example: "a = Relu(x); b = Relu(a); [bad] c = Neg(b); d = Relu(c); y = Neg(d)"))
    let pipeline = try Pipeline(parsing: "rules(*)")
    var result = model
    let report = try manager.run(pipeline, on: &result, in: PassContext())
    #expect(report.steps == 5)
    var runs = 0
    let culprit = try StepBisection(manager, pipeline, on: model, evaluator: nil).culprit(among: report.steps)
    {
      runs += 1
      return !$0.allNodes.contains { [model = $0] in model.operatorName(of: $0).name == "Exp" }
    }
    #expect(culprit.author == "faulty" && culprit.step == 3)
    #expect(culprit.removed == ["'bad' (Neg)"] && culprit.created == ["'bad' (Exp)"])
    #expect(runs <= 3)
    #expect(culprit.description == "faulty, which replaced 'bad' (Neg) by 'bad' (Exp)")
  }

  @Test func passesThatAreLeftOutDoNotRun() throws {
    var model = try Model(NamedModel(example: "a = Relu(x); y = Neg(a)"))
    var manager = manager
    manager.disabled = ["faulty"]
    let report = try manager.run(
      Pipeline(parsing: "faulty, rules(sound, faulty), rules(*)"), on: &model, in: PassContext())
    #expect(report.statistics.byRule["faulty"] == nil && report.statistics.applications == 1)
    manager.disabled = ["typo"]
    #expect(throws: ModelError.self) { try manager.validate(Pipeline(parsing: "rules(*)")) }
  }
}
