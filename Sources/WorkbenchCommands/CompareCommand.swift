import CommandLineKit
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import TensorCore

struct CompareCommand: Command {
  static let name = "compare"
  static let abstract = "compare two models: results, latency, size"
  static let discussion = """
    Both run on the same inputs: those of --data, or drawn from the declared types. Results are compared with the \
    runtime's own optimizations off, and may differ by rounding; latency is measured in interleaved pairs with \
    all optimizations on.
    """
  static let examples = [
    CommandExample("workbench compare -m after.onnx --before before.onnx", "are these the same function?")
  ]
  static let exitCodes = [
    ExitCode.Meaning(.done, "the results are the same, up to rounding"),
    ExitCode.Meaning(.unmet, "the results differ"),
    ExitCode.Meaning(.failed, "wrong usage, or bad input"),
  ]

  @Option("--model", "-m", help: "the model") var after: FilePath
  @Option("--before", help: "an earlier state of it, with the same inputs and outputs") var before: FilePath
  @Option("--data", help: "inputs to run", defaultText: "drawn from the declared types") var data: FilePath?
  @Option(
    "--label-column", help: "the labels of data that is .csv", placeholder: "NAME",
    defaultText: "labels or label")
  var labelColumn: String?
  @Option("--samples", help: "how many inputs to run", check: .range(1...100_000)) var samples = 32
  @Option("--seed", help: "of drawn inputs", check: .atLeast(0)) var seed = 0
  @Flag("--json", help: "print JSON") var json
  @OptionGroup("running") var running: RunningOptions

  func run(on terminal: Terminal) async throws -> ExitCode {
    let models = try (before: typed(before), after: typed(after))
    guard models.before.interface == models.after.interface else {
      throw CommandError(
        "the models take or give different things: \(models.before.interface) and \(models.after.interface)")
    }
    guard !models.before.outputs(of: models.before.mainGraph).isEmpty else {
      throw CommandError("\(before): the model has no outputs, so that there is nothing to compare")
    }
    let dataset = try inputs(for: models.before)
    let client = EvaluationClient(libraryPath: running.runtimeLibrary?.string)
    let comparison = Comparison(
      before: Side(models.before, before), after: Side(models.after, after),
      equivalence: try equivalence(models.before, models.after, on: dataset, client),
      latency: try latency(on: dataset, client))
    try show(comparison, on: terminal)
    return comparison.isEquivalent ? .done : .unmet
  }

  private func typed(_ path: FilePath) throws -> Model {
    var model = try ModelFile.read(path)
    ShapeInference.run(on: &model)
    return model
  }

  private func inputs(for model: Model) throws -> Dataset {
    guard let data else {
      return try DrawnInputs.dataset(for: model, readFrom: before, seed: seed, samples: samples)
    }
    return try Dataset.load(data.string, for: model.inputSignatures, labelColumn: labelColumn)
  }

  private func equivalence(
    _ before: Model, _ after: Model, on dataset: Dataset, _ client: EvaluationClient
  ) throws -> EquivalenceReport {
    let binding = try dataset.binding(to: before.inputSignatures)
    let count = min(samples, dataset.count)
    let size = binding.batchSize(wanted: 32)
    let batches = try stride(from: 0, to: count, by: size).map { start in
      // A fixed batch size takes whole batches only: samples are repeated to fill the last.
      try binding.batch((0..<size).map { (start + $0) % dataset.count })
    }
    let depth = before.allNodes.count
    return try EquivalenceCheck(.rounding, depth: depth).compare(
      ModelFile.source(of: before, readFrom: self.before), ModelFile.source(of: after, readFrom: self.after),
      on: batches, client: client)
  }

  private func latency(on dataset: Dataset, _ client: EvaluationClient) throws -> LatencyComparison {
    let options = SessionOptions(optimization: .all, threads: running.threadCount)
    let sessions = try [before, after].map {
      try client.session(ModelFile.source(of: ModelFile.read($0), readFrom: $0), options)
    }
    let timings = try client.latency(
      of: sessions, on: client.dataset(dataset), batchSize: min(samples, dataset.count))
    return try LatencyComparison(baseline: timings[0], candidate: timings[1])
  }

  // MARK: Results

  private struct Side: Encodable {
    let file: String
    let nodes: Int
    let parameters: Int
    let macs: Int
    let bytes: Int

    init(_ model: Model, _ path: FilePath) {
      let costs = CostModel(model)
      file = path.string
      nodes = costs.nodes
      parameters = costs.parameters
      macs = costs.macs
      bytes =
        (try? FileManager.default.attributesOfItem(atPath: path.string)[.size] as? NSNumber)?.intValue ?? 0
    }
  }

  private struct Comparison: Encodable {
    let before: Side
    let after: Side
    let isEquivalent: Bool
    let maximumAbsoluteError: Double
    let maximumRelativeError: Double
    let difference: String?
    let latencyRatio: Double
    let latencyInterval: [Double]

    init(before: Side, after: Side, equivalence: EquivalenceReport, latency: LatencyComparison) {
      self.before = before
      self.after = after
      isEquivalent = equivalence.isEquivalent
      maximumAbsoluteError = equivalence.outputs.map(\.maximumAbsoluteError).max() ?? 0
      maximumRelativeError = equivalence.outputs.map(\.maximumRelativeError).max() ?? 0
      difference =
        equivalence.isEquivalent
        ? nil : equivalence.worst.map { "'\($0.name)'\($0.difference.map { ": \($0)" } ?? "")" }
      latencyRatio = latency.ratio
      latencyInterval = [latency.lowerBound, latency.upperBound]
    }
  }

  private func show(_ comparison: Comparison, on terminal: Terminal) throws {
    guard !json else { return try terminal.printJSON(comparison) }
    var table = Table("", .number("before"), .number("after"))
    table.add("nodes", "\(comparison.before.nodes)", "\(comparison.after.nodes)")
    table.add(
      "parameters", Quantity.count(comparison.before.parameters), Quantity.count(comparison.after.parameters))
    table.add("MACs", Quantity.compact(comparison.before.macs), Quantity.compact(comparison.after.macs))
    table.add("file", Quantity.bytes(comparison.before.bytes), Quantity.bytes(comparison.after.bytes))
    table.add(
      "latency", "× 1",
      "× \(Quantity.fixed(comparison.latencyRatio, digits: 3)) "
        + "(\(comparison.latencyInterval.map { Quantity.fixed($0, digits: 3) }.joined(separator: " to ")))")
    terminal.print(table)
    if comparison.isEquivalent {
      terminal.print(
        "same results, up to rounding: largest absolute error \(comparison.maximumAbsoluteError)")
    } else {
      terminal.print(
        "results differ: \(comparison.difference ?? "values"), largest absolute error "
          + "\(comparison.maximumAbsoluteError), relative \(comparison.maximumRelativeError)")
    }
  }
}

extension Model {
  /// Names of inputs and outputs, for comparing what two models are for.
  fileprivate var interface: String {
    let inputs = inputSignatures.map(\.name).sorted()
    return "(\(inputs.joined(separator: ", "))) → (\(outputNames(of: mainGraph).joined(separator: ", ")))"
  }
}
