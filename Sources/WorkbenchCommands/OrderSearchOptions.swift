import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Kernels
import ONNXFormat
import PassPipeline

/// The options of `opt --search-order`, and the search that they ask for.
struct OrderSearchOptions: ParameterGroup {
  enum Cost: String, CaseIterable, OptionValue {
    case nodes, macs, bytes, latency
  }

  @Flag("--search-order", help: "try orders and sets of passes, and keep what costs least") var isOn
  @Option("--cost", help: "what it minimizes; bytes are those of weights") var cost = Cost.nodes
  @Option("--tries", help: "pipelines to try at most", check: .range(1...10_000)) var tries = 40
  @Option(
    "--order-journal", help: "remembers tries, to go on later and to replay measured latencies",
    defaultText: "none")
  var journal: FilePath?

  /// The best pipeline for the model in `path` once `conversion` has changed it to `model`.
  func search(
    _ model: Model, readFrom path: FilePath, after conversion: Pipeline, by manager: PassManager,
    seed: Int, _ running: RunningOptions, on terminal: Terminal
  ) throws -> (outcome: OrderSearch.Outcome, pipeline: Pipeline) {
    let cost = try planCost(for: model, readFrom: path, seed: seed, running)
    let client = EvaluationClient(libraryPath: running.runtimeLibrary?.string)
    let evaluator = WorkerConstantEvaluator(client)
    let search = OrderSearch(manager, cost: cost, evaluator: evaluator)
    let progress = ProgressReporter("trying pipelines", total: tries, on: terminal)
    defer { progress.finish() }
    func run(_ journal: some AttemptJournal) throws -> OrderSearch.Outcome {
      var (journal, best) = (journal, Double.infinity)
      return try search.run(on: model, tries: tries, journal: &journal) { _, attempt in
        best = min(best, attempt.measurement.value)
        progress.advance(label: "\(attempt.plan)", best: Self.text(best, of: cost))
      }
    }
    let outcome =
      try journal.map { try run(attemptFile($0, path, conversion, cost)) } ?? run(TransientJournal())
    return (outcome, search.pipeline(for: outcome.best.plan))
  }

  private func attemptFile(
    _ file: FilePath, _ model: FilePath, _ conversion: Pipeline, _ cost: some PlanCost
  ) throws -> AttemptFile {
    let data = try Data(contentsOf: model.url, options: .mappedIfSafe)
    let digest = String(data.withUnsafeBytes { hashBytes($0, seed: 0) }, radix: 16)
    let state = conversion.elements.isEmpty ? digest : "\(digest), \(conversion)"
    return try AttemptFile(path: file.string, model: state, cost: cost.name)
  }

  private func planCost(
    for model: Model, readFrom path: FilePath, seed: Int, _ running: RunningOptions
  ) throws -> any PlanCost {
    guard let cost = StaticPlanCost(rawValue: cost.rawValue) else {
      return try LatencyPlanCost(
        of: ModelFile.source(of: model, readFrom: path),
        on: DrawnInputs.dataset(for: model, readFrom: path, seed: seed, samples: 8), running)
    }
    return cost
  }

  static func text(_ value: Double, of cost: some PlanCost) -> String {
    cost is StaticPlanCost ? Quantity.count(Int(value)) : "× \(Quantity.fixed(value, digits: 3))"
  }

  /// For people: what was gained, by which plan, and how to have it again.
  func summary(of outcome: OrderSearch.Outcome, _ pipeline: Pipeline) -> [String] {
    func text(_ attempt: OrderSearch.Attempt) -> String {
      cost == .latency
        ? "× \(Quantity.fixed(attempt.measurement.value, digits: 3)) of the latency"
        : "\(Quantity.count(Int(attempt.measurement.value))) \(cost.rawValue)"
    }
    let tries = "\(outcome.attempts.count) pipelines tried" + (outcome.wasCut ? ", more are possible" : "")
    guard outcome.best.plan != outcome.start.plan else {
      return ["\(tries): none is better than the exact one with \(text(outcome.start))"]
    }
    return [
      "\(tries): \(text(outcome.start)) with the exact one, \(text(outcome.best)) with it \(outcome.best.plan)",
      "again with --passes '\(pipeline)'",
    ]
  }
}

/// Latency as a part of the original's, both measured in interleaved rounds with the runtime's own optimizations.
struct LatencyPlanCost: PlanCost {
  let name = "latency"
  private let client: EvaluationClient
  private let original: SessionHandle
  private let dataset: DatasetHandle
  private let options: SessionOptions

  init(of source: SessionSource, on dataset: Dataset, _ running: RunningOptions) throws {
    client = EvaluationClient(libraryPath: running.runtimeLibrary?.string)
    options = SessionOptions(optimization: .all, threads: running.threadCount)
    original = try client.session(source, options)
    self.dataset = client.dataset(dataset)
  }

  func measure(_ model: Model) throws -> PlanMeasurement {
    let session = try client.session(
      .bytes(ONNXFormat.encode(model.named()), name: "a tried pipeline's result"), options)
    let timings = try client.latency(of: [original, session], on: dataset, batchSize: 8)
    let comparison = try LatencyComparison(baseline: timings[0], candidate: timings[1])
    return PlanMeasurement(
      comparison.ratio, in: comparison.lowerBound...comparison.upperBound, nodes: model.operatorCount)
  }
}
