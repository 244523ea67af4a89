import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import PassPipeline
import Passes
import Rewriting

struct OptimizeCommand: Command {
  static let name = "opt"
  static let abstract = "apply passes to a model; results stay the same"
  static let discussion = """
    Without --passes, the exact pipeline runs: every rewrite that keeps results, up to rounding in the last \
    digits, until none applies. A pipeline is text such as

        fold-constants, fixpoint(rules(fuse-conv-batch-norm, merge-relus), eliminate-dead-nodes)

    where rules(*) is every exact rule. `workbench passes` lists all passes.
    """
  static let examples = [
    CommandExample("workbench opt -m m.onnx -o small.onnx", "the exact pipeline"),
    CommandExample(
      "workbench opt -m m.onnx -o small.onnx --passes 'rules(fuse-conv-batch-norm)' --statistics",
      "one rule, and how often it applied"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Option("--out", "-o", help: "where the result goes; .onnxtxt gives text") var out: FilePath
  @Option("--passes", help: "the pipeline", placeholder: "PIPELINE", defaultText: "the exact one")
  var passes: String?
  @Flag("--force", help: "replace a file that exists, also the input") var force
  @Flag("--verify-each", help: "verify the model after every pass that changed it") var verifyEach = true
  @Flag("--statistics", help: "print how often each rule applied, and why rules refused") var statistics
  @Flag("--timing", help: "print the time of each pass") var timing
  @Flag("--print-after-change", help: "print the model after every pass that changed it") var printAfterChange
  @Flag("--json", help: "print a summary as JSON") var json
  @OptionGroup("running") var running: RunningOptions

  func run(on terminal: Terminal) async throws -> ExitCode {
    let pipeline = try passes.map { try Pipeline(parsing: $0) } ?? .exact
    let manager = PassManager(registry: .builtIn, instrumentation: instrumentation(on: terminal))
    try manager.validate(pipeline)
    let before = try ModelFile.read(model)
    var after = before
    let context = PassContext(
      evaluator: DeferredConstantEvaluator(libraryPath: running.runtimeLibrary?.string))
    let report = try manager.run(pipeline, on: &after, in: context)
    try ModelFile.write(after, to: out, input: model, force: force)
    for note in report.notes { terminal.note(note) }
    if json {
      try terminal.printJSON(Summary(before: before, after: after, report: report))
    } else {
      show(report, from: before, to: after, on: terminal)
    }
    return .done
  }

  private func instrumentation(on terminal: Terminal) -> Instrumentation {
    guard printAfterChange else { return Instrumentation(verifiesEach: verifyEach) }
    return Instrumentation(verifiesEach: verifyEach) { pass, model in
      terminal.print("# after \(pass)")
      terminal.output.write(ModelPrinter(largeTensors: .leaveOut, elementStyle: .values).print(model.named()))
    }
  }

  // MARK: Results

  private func show(
    _ report: PassManager.Report, from before: Model, to after: Model, on terminal: Terminal
  ) {
    terminal.print(
      "\(out): \(before.operatorCount) nodes → \(after.operatorCount), "
        + "\(report.statistics.applications) applications of rules")
    if statistics { showStatistics(report.statistics, on: terminal) }
    if timing { showTimings(report.timings, on: terminal) }
  }

  private func showStatistics(_ statistics: RuleStatistics, on terminal: Terminal) {
    var table = Table("rule", .number("tried"), .number("applied"), "most frequent refusal")
    for (rule, counts) in statistics.byRule.sorted(by: { $0.key < $1.key }) {
      let refusal = counts.refusals.max { a, b in a.value != b.value ? a.value < b.value : a.key > b.key }
      table.add(
        rule, "\(counts.tried)", "\(counts.applied)", refusal.map { "\($0.value) × \($0.key)" } ?? "")
    }
    terminal.print(table)
  }

  private func showTimings(_ timings: [PassTiming], on terminal: Terminal) {
    var table = Table("pass", .number("milliseconds"), "changed the model")
    for timing in timings {
      table.add(
        timing.pass, Quantity.fixed(timing.duration.milliseconds, digits: 2), timing.changed ? "yes" : "no")
    }
    terminal.print(table)
  }

  private struct Summary: Encodable {
    let nodesBefore: Int
    let nodesAfter: Int
    let applications: [String: Int]
    let milliseconds: [String: Double]
    let notes: [String]

    init(before: Model, after: Model, report: PassManager.Report) {
      nodesBefore = before.operatorCount
      nodesAfter = after.operatorCount
      applications = report.statistics.byRule.mapValues(\.applied).filter { $0.value > 0 }
      milliseconds = Dictionary(
        report.timings.map { ($0.pass, $0.duration.milliseconds) }, uniquingKeysWith: +)
      notes = report.notes
    }
  }
}

extension Model {
  /// Nodes of all graphs, without constants.
  var operatorCount: Int {
    allNodes.filter { operatorName(of: $0) != OperatorName("Constant") }.count
  }
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
  }
}

extension Terminal {
  /// Keys in snake case and sorted, so that equal results are equal text. What is no number is text.
  func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
