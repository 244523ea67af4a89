import GraphIR
import PassPipeline
import Passes
import Rewriting
import Testing

@Suite struct PipelineTests {
  @Test(arguments: [
    "eliminate-identity", "eliminate-identity, merge-relus", "fold-constants{limit=1024}",
    "fixpoint(merge-relus)", "fixpoint{limit=3}(merge-relus, eliminate-identity)",
    "repeat{count=2}(merge-relus)", "rules(*)", "rules(merge-relus, eliminate-identity)",
    "fixpoint(repeat{count=2}(rules(*)), merge-relus)", "a{flag key=value}", Pipeline.exact.description,
    "rules(*, merge-relus)", "rules(ort)", Pipeline.onnxRuntime.description,
  ])
  func readsWhatItPrints(_ text: String) throws {
    let pipeline = try Pipeline(parsing: text)
    #expect(pipeline.description == text)
    #expect(try Pipeline(parsing: pipeline.description) == pipeline)
  }

  @Test func blanksDoNotMatter() throws {
    #expect(try Pipeline(parsing: " fixpoint (a ,b{ k = 1 } ) ") == Pipeline(parsing: "fixpoint(a, b{k=1})"))
  }

  @Test(arguments: [
    ("", "the name of a pass expected"), ("a,", "the name of a pass expected after 'a,'"),
    ("a b", "',' expected"), ("a(b)", "'a' takes no passes"), ("fixpoint(a", "')' expected"),
    ("fixpoint{limit=x}(a)", "'limit' must be a number"),
    ("fixpoint{limit=0}(a)", "'limit' must be a number"),
    ("fixpoint{limt=3}(a)", "'limt' is no option here"), ("a{k=}", "a value expected"),
    ("a{", "an option expected"),
    ("rules()", "the name of a rule expected"), ("a)", "',' expected"),
    (String(repeating: "fixpoint(", count: 40), "too deeply nested"),
  ])
  func showsWhereTheTextStopsMakingSense(_ text: String, _ message: String) {
    #expect {
      _ = try Pipeline(parsing: text)
    } throws: {
      "\($0)".contains(message)
    }
  }
}

@Suite struct PassManagerTests {
  private let manager = PassManager(registry: PassRegistry([Marked.self, Breaking.self, Restless.self]))

  private func run(_ text: String, on graph: String = "h = Neg(x); y = Relu(h)") throws -> (
    model: Model, report: PassManager.Report
  ) {
    var model = try Model(NamedModel(example: graph))
    let report = try manager.run(Pipeline(parsing: text), on: &model, in: PassContext())
    return (model, report)
  }

  @Test func optionsReachThePass() throws {
    #expect(try run("marked{label=a count=3 ratio=0.5 loud}").report.notes == ["a 3 0.5 true"])
    #expect(try run("marked").report.notes == ["none 1 0.25 false"])
    #expect(try run("marked{label=7 loud=false}").report.notes == ["7 1 0.25 false"])
  }

  @Test(arguments: [
    ("marked{lable=a}", "no option 'lable'"), ("marked{count=x}", "wrong kind"),
    ("marked{count=-1}", "count cannot be negative"), ("unheard-of", "there is no pass 'unheard-of'"),
    ("rules(marked)", "'marked' is no rewrite rule"), ("restless{k=1}", "no option 'k'"),
  ])
  func wrongPipelinesAreRefusedBeforeAnythingRuns(_ text: String, _ message: String) throws {
    let pipeline = try Pipeline(parsing: text)
    #expect {
      try manager.validate(pipeline)
    } throws: {
      "\($0)".contains(message)
    }
  }

  @Test func aPassThatBreaksTheModelIsNamed() {
    #expect {
      _ = try run("breaking")
    } throws: {
      "\($0)".contains("pass breaking broke the model")
    }
  }

  @Test func fixpointsHaveALimitAndSayWhenTheyReachIt() throws {
    let result = try run("fixpoint{limit=3}(restless)", on: "y = Add(a, b)")
    #expect(result.report.notes.contains { $0.contains("some undo each other") })
    #expect(result.report.notes.contains("a fixpoint was not reached in 3 rounds"))
    #expect(result.report.timings.count == 3)
  }

  @Test func reportsSayWhatChanged() throws {
    let report = try run("repeat{count=2}(marked), restless").report
    #expect(report.timings.map(\.pass) == ["marked", "marked", "restless"])
    #expect(report.timings.map(\.changed) == [false, false, false])
    #expect(report.statistics.byRule["restless"] == nil)
  }

  @Test func namesAreInKebabCase() {
    #expect(Marked.name == "marked")
    #expect(ToGEMM2D.name == "to-gemm2-d" || ToGEMM2D.name == "to-gemm2d")
  }
}

private struct Marked: Pass {
  static let summary = "notes its options"
  static let exactness = Exactness.bitwise
  static let examples: [Example] = []

  struct Options: PassOptions {
    var label = "none"
    var count = 1
    var ratio = 0.25
    var loud = false
  }

  var options = Options()

  func validate() throws {
    if options.count < 0 { throw ModelError("count cannot be negative") }
  }

  func run(on model: inout Model, in context: inout PassContext) throws {
    context.note("\(options.label) \(options.count) \(options.ratio) \(options.loud)")
  }
}

private struct Breaking: Pass {
  static let summary = "takes a node its input"
  static let exactness = Exactness.approximate
  static let examples: [Example] = []

  func run(on model: inout Model, in context: inout PassContext) throws {
    guard let node = model.allNodes.first else { return }
    model.edit(as: Self.name) { $0.setInputs(of: node, to: [nil]) }
  }
}

private struct Restless: RewriteRule {
  static let summary = "Add(x, y) → Add(y, x), for ever"
  static let exactness = Exactness.bitwise
  static let examples: [Example] = []

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y")
    Op.Add(x, y) => Op.Add(y, x)
  }
}

private struct ToGEMM2D: RewriteRule {
  static let summary = ""
  static let exactness = Exactness.bitwise
  static let examples: [Example] = []

  var body: [Rewrite] {
    let x = Var("x")
    Op.Identity(x) => x
  }
}
