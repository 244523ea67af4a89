import CommandLineKit
import Evaluation
import GraphIR
import Rendering

/// How much of a model a picture shows.
struct PictureExtentOptions: ParameterGroup {
  @Flag("--expand", help: "draw every repetition of a block") var expand
  @Flag("--modules", help: "outline the modules that nodes are named after") var modules = true
  @Option(
    "--max-nodes", help: "nodes drawn at most; more fold by module, by run, by depth",
    defaultText: "500, of a diff 400", check: .range(1...RenderOptions.hardMaximumNodes))
  var maximumNodes: Int?
  @Option("--around", help: "draw what is near this node, input, output or result", placeholder: "NAME")
  var around: String?
  @Flag("--changes-only", help: "draw what is near changes") var changesOnly
  @Option("--hops", help: "how near, in edges", defaultText: "3", check: .range(0...64)) var hops: Int?

  func validate() throws {
    if changesOnly, around != nil { throw UsageError("--around or --changes-only, not both") }
    if hops != nil, !changesOnly, around == nil {
      throw UsageError("--hops needs --around or --changes-only")
    }
  }

  var isGiven: Bool {
    expand || $modules != nil || maximumNodes != nil || around != nil || changesOnly || hops != nil
  }

  /// - Throws: where no model has what the picture is to be around.
  func apply(to options: inout RenderOptions, models: [Model]) throws {
    options.joinsRepetitions = !expand
    options.showsModules = modules
    options.maximumNodes = maximumNodes ?? options.maximumNodes
    options.maximumDiffNodes = maximumNodes ?? options.maximumDiffNodes
    options.hops = hops ?? options.hops
    if changesOnly { options.window = .changes }
    guard let around else { return }
    let names = models.flatMap(\.pictureNames)
    guard names.contains(around) else {
      let near = names.first { !around.isEmpty && $0.contains(around) }.map { ["did you mean '\($0)'?"] }
      throw CommandError(
        "there is no node, input, output or result '\(around)'",
        help: near ?? didYouMean(around, among: Array(names.prefix(1_000))))
    }
    options.window = .around(around)
  }
}

/// What numbers a picture shows.
struct OverlayOptions: ParameterGroup {
  @Option("--overlay", help: "a number in each node, and its shade") var overlay: PictureOverlay?
  @Option("--from", help: "sensitivity.json of a sweep, for --overlay sensitivity") var from: FilePath?
  @Option(
    "--batch", help: "samples run at once, for --overlay latency", defaultText: "1", check: .range(1...65_536)
  )
  var batch: Int?
  @Option(
    "--optimization", help: "how far the runtime optimizes, for --overlay latency", placeholder: "NAME",
    values: SessionOptions.Optimization.allCases.map(\.rawValue), defaultText: "disabled")
  var optimization: String?
  @OptionGroup var running: RunningOptions

  private static let runs = 30
  private static let secondsLimit = 20.0

  func validate() throws {
    if from != nil, overlay != .sensitivity { throw UsageError("--from needs --overlay sensitivity") }
    if from == nil, overlay == .sensitivity {
      throw UsageError(
        "--overlay sensitivity needs --from FILE", help: ["`workbench sensitivity` writes sensitivity.json"])
    }
    if batch != nil || optimization != nil, overlay != .latency {
      throw UsageError("\(batch != nil ? "--batch" : "--optimization") needs --overlay latency")
    }
  }

  /// One for each of the models; none without an overlay.
  func overlays(of models: [(path: FilePath, model: Model)], _ terminal: Terminal) throws -> [NodeOverlay] {
    switch overlay {
    case nil: return []
    case .latency: return try latency(of: models, terminal)
    case .sensitivity:
      guard let from else { return [] }
      let report = try PictureOverlay.readSensitivity(from)
      let overlays = models.map { PictureOverlay.sensitivity(report, of: $0.model) }
      guard overlays.contains(where: { !$0.values.isEmpty }) else {
        throw CommandError(
          "\(from): none of its changes is at a node of this model", notes: ["it is about \(report.model)"])
      }
      return overlays
    case .bytes, .macs, .precision, .sparsity: return models.compactMap { overlay?.read(from: $0.model) }
    }
  }

  private func latency(of models: [(path: FilePath, model: Model)], _ terminal: Terminal) throws
    -> [NodeOverlay]
  {
    guard let first = models.first else { return [] }
    let level = optimization.flatMap(SessionOptions.Optimization.init) ?? .disabled
    let runs = ProfiledRuns(
      client: EvaluationClient(libraryPath: running.runtimeLibrary?.string), batch: batch ?? 1,
      count: Self.runs,
      secondsLimit: Self.secondsLimit, optimization: level, threads: running.threadCount)
    let inputs = try DrawnInputs.dataset(for: first.model, readFrom: first.path, seed: 0, samples: batch ?? 1)
    let title =
      "time of one run, batch \(batch ?? 1), \(running.threadCount) threads, optimization \(level.rawValue)"
    return try zip(models, runs.times(of: models.map(\.path), on: inputs)).map { model, times in
      let (overlay, lost) = PictureOverlay.latency(times, of: model.model, title: title)
      if lost > 0.005 {
        terminal.note(
          "\(model.path): \(Quantity.percent(lost)) of the time is of nodes that the file names otherwise")
      }
      return overlay
    }
  }
}
