import CommandLineKit
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import TensorCore

struct ProfileCommand: Command {
  static let name = "profile"
  static let abstract = "show where a run spends its time: operators, blocks, nodes"
  static let discussion = """
    Times are those that ONNX Runtime's own trace gives, of the graph as the runtime has optimized it: a node may be \
    several of the file's. The slowest fifth of the runs does not count. With --before, both models run in turn, so that \
    what the machine does meanwhile meets both alike.
    """
  static let examples = [
    CommandExample("workbench profile -m m.onnx", "operators, blocks and the slowest nodes"),
    CommandExample(
      "workbench profile -m after.onnx --before before.onnx --batch 1", "what did the change gain, and where?"
    ),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Option("--before", help: "an earlier state of it, for comparison") var before: FilePath?
  @Option("--data", help: "inputs to run", defaultText: "drawn from the declared types") var data: FilePath?
  @Option("--batch", help: "samples run at once", check: .range(1...65_536)) var batch = 32
  @Option("--runs", help: "runs that are measured", check: .range(1...100_000)) var runs = 50
  @Option("--time-limit", help: "seconds that they may take, each model at least three", check: .atLeast(0))
  var secondsLimit = 20.0
  @Option(
    "--optimization", help: "how far the runtime optimizes",
    values: SessionOptions.Optimization.allCases.map(\.rawValue))
  var optimization = SessionOptions.Optimization.all.rawValue
  @Option("--depth", help: "parts of a node's name that make a block", check: .range(1...64)) var depth = 2
  @Option("--top", help: "rows of each table", check: .atLeast(1)) var top = 15
  @Option("--seed", help: "of drawn inputs", check: .atLeast(0)) var seed = 0
  @Flag("--json", help: "print JSON, with every node") var json
  @OptionGroup("running") var running: RunningOptions

  func run(on terminal: Terminal) async throws -> ExitCode {
    let paths = [model] + (before.map { [$0] } ?? [])
    let measuring = ProfiledRuns(
      client: EvaluationClient(libraryPath: running.runtimeLibrary?.string), batch: batch, count: runs,
      secondsLimit: secondsLimit, optimization: SessionOptions.Optimization(rawValue: optimization) ?? .all,
      threads: running.threadCount)
    let times = try measuring.times(of: paths, on: inputs())
    let profiles = zip(paths, times).map { Profile(file: $0.string, times: $1, depth: depth) }
    if json {
      try terminal.printJSON(Report(batch: batch, threads: running.threadCount, profiles: profiles))
    } else {
      show(profiles, on: terminal)
    }
    return .done
  }

  // MARK: Measuring

  private func inputs() throws -> Dataset {
    var typed = try ModelFile.read(model)
    ShapeInference.run(on: &typed)
    if let data { return try Dataset.load(data.string, for: typed.inputSignatures) }
    return try DrawnInputs.dataset(for: typed, readFrom: model, seed: seed, samples: batch)
  }

  // MARK: Results

  private struct Report: Encodable {
    let batch: Int
    let threads: Int
    let profiles: [Profile]
  }

  private struct Profile: Encodable {
    let file: String
    let seconds: Double
    let operators: [NodeTimes.Row]
    let blocks: [NodeTimes.Row]
    let nodes: [NodeTimes.Row]

    init(file: String, times: NodeTimes, depth: Int) {
      self.file = file
      seconds = times.seconds
      operators = times.byOperator()
      blocks = times.byBlock(depth: depth)
      nodes = times.rows
    }

    var slowest: [NodeTimes.Row] {
      nodes.enumerated().sorted { ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset) }
        .map(\.element)
    }
  }

  private func show(_ profiles: [Profile], on terminal: Terminal) {
    guard let profile = profiles.first else { return }
    let before = profiles.dropFirst().first
    show("operator", profile, before, \.operators, on: terminal)
    if profile.blocks.contains(where: { !$0.name.isEmpty }) {
      show("block", profile, before, \.blocks, on: terminal)
    }
    show("node", profile, before, \.slowest, on: terminal)
  }

  /// The rows of `model` that take most, beside those of the same name before.
  private func show(
    _ title: String, _ model: Profile, _ before: Profile?, _ rows: (Profile) -> [NodeTimes.Row],
    on terminal: Terminal
  ) {
    let old = before.map { Dictionary(rows($0).map { ($0.name, $0.seconds) }, uniquingKeysWith: +) }
    let compared: [Table.Column] = old == nil ? [] : [.number("before")]
    var table = Table(
      columns: [.init(title), .number("nodes"), .number("time"), .number("share")] + compared)
    for row in rows(model).prefix(top) {
      let name = row.name.isEmpty ? "(no name)" : row.name
      table.add(
        row: [
          row.op.map { "\(name) (\($0))" } ?? name, "\(row.nodes)", Self.time(row.seconds),
          Quantity.fixed(100 * row.seconds / max(model.seconds, .leastNormalMagnitude), digits: 1) + " %",
        ] + (old.map { [$0[row.name].map(Self.time) ?? "–"] } ?? []))
    }
    table.addSeparator()
    table.add(
      row: [
        "all", "\(model.nodes.count)", Self.time(model.seconds), "100.0 %",
      ] + (before.map { [Self.time($0.seconds)] } ?? []))
    terminal.print(table)
    terminal.print()
  }

  private static func time(_ seconds: Double) -> String { Quantity.duration(.seconds(seconds)) }
}
