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

    --pipeline ort goes on after the exact pipeline with operators that only ONNX Runtime has: convolutions with \
    activations and shortcuts, attention, normalizations with residuals, and others. The result loads faster, and runs \
    in no other runtime.

    The result has the model's opset. With --opset or --target, the model is raised to a newer one before, so that \
    newer operators can be used: exactly, or not at all. A target stands for the newest opset that \
    release of ONNX Runtime runs the model with, never more; ort is the one that is installed.

    The result is compared with the original in ONNX Runtime, its own optimizations off, on seeded inputs with \
    several sizes of every symbolic dimension: by default where the weights take less than 64 MiB. If they differ, \
    nothing is written, and the first step that is at fault is sought and named.

    The result is whole by itself: weights are copied into it, or above 2 GB into OUT.data beside it. With \
    --share-weights, those that no pass changed stay in the input's files where these lie in or below the \
    result's folder; the result refers to them, and breaks when they are moved or changed.
    """
  static let examples = [
    CommandExample("workbench opt -m m.onnx -o small.onnx", "the exact pipeline"),
    CommandExample(
      "workbench opt -m m.onnx -o small.onnx --passes 'rules(fuse-conv-batch-norm)' --statistics",
      "one rule, and how often it applied"),
    CommandExample(
      "workbench opt -m m.onnx -o small.onnx --target ort", "with the newest operators that run"),
    CommandExample(
      "workbench opt -m m.onnx -o fused.onnx --pipeline ort", "for ONNX Runtime only, with its own operators"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Option("--out", "-o", help: "where the result goes; .onnxtxt gives text") var out: FilePath
  @OptionGroup("passes") var choice: PipelineOptions
  @OptionGroup("operators") var opsets: OpsetOptions
  @Flag("--force", help: "replace a file that exists, also the input") var force
  @Flag("--share-weights", help: "leave unchanged weights in the input's files") var shareWeights
  @Option("--without", help: "passes to leave out", placeholder: "NAMES") var without: [String]
  @Flag("--check", help: "compare results with the original's") var check = true
  @Option("--data", help: "inputs to compare on", defaultText: "drawn from the declared types")
  var data: FilePath?
  @Option("--seed", help: "of drawn inputs", check: .atLeast(0)) var seed = 0
  @Flag("--verify-each", help: "verify the model after every pass that changed it") var verifyEach = true
  @Flag("--statistics", help: "print how often each rule applied, and why rules refused") var statistics
  @Flag("--timing", help: "print the time of each pass") var timing
  @Flag("--print-after-change", help: "print the model after every pass that changed it") var printAfterChange
  @Flag("--json", help: "print a summary as JSON") var json
  @OptionGroup("order search") var order: OrderSearchOptions
  @OptionGroup("running") var running: RunningOptions

  func run(on terminal: Terminal) async throws -> ExitCode {
    var pipeline = try choice.pipeline(searchesOrder: order.isOn)
    let manager = PassManager(
      registry: .builtIn, instrumentation: instrumentation(on: terminal), disabled: Set(without))
    try manager.validate(pipeline)
    try ModelFile.requireFree(out, input: model, force: force)
    let before = try ModelFile.read(model)
    try choice.requireRuntime(of: opsets)
    let conversion = try opsets.conversion(of: before, libraryPath: running.runtimeLibrary?.string)
    var found: OrderSearch.Outcome?
    if order.isOn {
      (found, pipeline) = try searchedPipeline(for: before, after: conversion, manager, on: terminal)
    }
    pipeline.elements = conversion.elements + pipeline.elements
    var after = before
    let client = EvaluationClient(libraryPath: running.runtimeLibrary?.string)
    let context = PassContext(evaluator: WorkerConstantEvaluator(client))
    let report = try manager.run(pipeline, on: &after, in: context)
    for note in report.notes + choice.notes { terminal.note(note) }
    let proof = try proof(of: after, from: before, by: manager, pipeline, steps: report.steps, client)
    if let failure = failure(of: proof) { throw failure }
    try ModelFile.write(after, to: out, input: model, force: force, sharesWeights: shareWeights)
    if json {
      try terminal.printJSON(
        Summary(before: before, after: after, report: report, proof: proof, order: found, pipeline: pipeline))
    } else {
      show(report, from: before, to: after, on: terminal)
      if !terminal.isQuiet {
        if let proof { terminal.print(proof.summary) }
        if let found { for line in order.summary(of: found, pipeline) { terminal.print(line) } }
      }
    }
    return .done
  }

  /// Plans are tried on the model as they will get it, so that rules see the operators of its new version.
  private func searchedPipeline(
    for model: Model, after conversion: Pipeline, _ manager: PassManager, on terminal: Terminal
  ) throws -> (OrderSearch.Outcome?, Pipeline) {
    var manager = manager
    manager.instrumentation = Instrumentation(verifiesEach: verifyEach)
    var converted = model
    _ = try manager.run(conversion, on: &converted, in: PassContext())
    let (outcome, pipeline) = try order.search(
      converted, readFrom: self.model, after: conversion, by: manager, seed: seed, running, on: terminal)
    return (outcome, pipeline)
  }

  // MARK: Proof

  /// Nil where it was not asked for, and the model is too big to do it unasked.
  private func proof(
    of after: Model, from before: Model, by manager: PassManager, _ pipeline: Pipeline, steps: Int,
    _ client: EvaluationClient
  ) throws -> ResultProof.Outcome? {
    guard $check ?? (before.weightBytes < 64 << 20) else { return nil }
    var manager = manager
    manager.instrumentation = Instrumentation(verifiesEach: false)
    return try ResultProof(
      manager: manager, pipeline: pipeline, before: before, path: model, data: data, seed: seed,
      client: client
    ).outcome(of: after, steps: steps)
  }

  /// Why nothing is written.
  private func failure(of proof: ResultProof.Outcome?) -> CommandError? {
    switch proof {
    case .different(_, let culprit)?:
      CommandError(
        "\(model): results would change: \(proof?.summary ?? "")",
        help: [
          "nothing was written; --without \(culprit.author) leaves the pass out, which has a defect"
        ], exitCode: .unmet)
    case .skipped(let reason)? where $check == true && reason != "nothing changed":
      CommandError(
        "\(model): results were not compared: \(reason)",
        help: ["nothing was written; --no-check goes without"])
    default: nil
    }
  }

  private func instrumentation(on terminal: Terminal) -> Instrumentation {
    guard printAfterChange else { return Instrumentation(verifiesEach: verifyEach) }
    return Instrumentation(verifiesEach: verifyEach) { pass, model in
      terminal.print("# after \(pass)")
      terminal.output.write(ModelPrinter(largeTensors: .leaveOut, elementStyle: .values).print(model.named()))
    }
  }

  // MARK: Results

  /// Quiet is quiet but for the tables that were asked for.
  private func show(
    _ report: PassManager.Report, from before: Model, to after: Model, on terminal: Terminal
  ) {
    if !terminal.isQuiet {
      terminal.print(
        "\(out): \(before.operatorCount) nodes → \(after.operatorCount), "
          + "\(report.statistics.applications) applications of rules")
    }
    if statistics || (order.isOn && !terminal.isQuiet) { showGains(RuleGains(after), on: terminal) }
    if statistics { showStatistics(report.statistics, on: terminal) }
    if timing { showTimings(report.timings, on: terminal) }
  }

  private func showGains(_ gains: RuleGains, on terminal: Terminal) {
    var table = Table("pass", .number("edits"), .number("fewer nodes"))
    for gain in gains.gains { table.add(gain.author, "\(gain.applications)", "\(gain.nodes)") }
    terminal.print(table)
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
    let check: String?
    let pipeline: String
    /// Of an order search: what was tried.
    let attempts: [OrderSearch.Attempt]?

    init(
      before: Model, after: Model, report: PassManager.Report, proof: ResultProof.Outcome?,
      order: OrderSearch.Outcome?, pipeline: Pipeline
    ) {
      nodesBefore = before.operatorCount
      nodesAfter = after.operatorCount
      applications = report.statistics.byRule.mapValues(\.applied).filter { $0.value > 0 }
      milliseconds = Dictionary(
        report.timings.map { ($0.pass, $0.duration.milliseconds) }, uniquingKeysWith: +)
      notes = report.notes
      check = proof?.summary
      attempts = order?.attempts
      self.pipeline = "\(pipeline)"
    }
  }
}

extension Model {
  /// Bytes of the main graph's initializers.
  fileprivate var weightBytes: Int {
    initializers(of: mainGraph).reduce(0) { $0 + (denseTensor(of: $1)?.byteCount ?? 0) }
  }

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
