import Candidates
import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Passes
import Reporting
import Search

struct SensitivityCommand: Command {
  static let name = "sensitivity"
  static let abstract = "show which layers matter: what each change alone costs, and what it gains"
  static let discussion = """
    Exact passes come first. Then every change that the strategies know is made alone, one after the other: bypassing \
    each region (ablation) or letting something linear stand in for it (linear-replacement), narrowing each group of \
    channels to each width (channel-pruning) and each layer to each rank (low-rank), dropping trees (tree-pruning) and \
    branches of them (tree-truncation), taking columns from linear models (feature-selection), \
    dropping support vectors (support-vector-pruning), \
    running each layer in fewer bits. Nothing is combined, and no model is written; that is what search does.

    For each change the table tells how far the metric drops, with the 95 % interval of paired samples, the last linear \
    layer refitted where there is one; the signal-to-noise ratio of the output (SQNR: 6 dB are one bit); the latency in \
    proportion to the exact model's, measured in interleaved rounds; and the bytes saved. The changes that lose least \
    for what they gain come first: by default for the mean of the shares of bytes and multiply-accumulates that they \
    save; with --gain latency, for the time, where it is surely less. A change whose interval holds 0 could be \
    harmless: more --samples tell.

    --metric-command 'CMD' lets a program of one's own judge, as search does: drops are in the unit of the number that it \
    prints, with the interval of a jackknife over 8 groups of samples, so that it runs nine times for each change. A \
    change that it cannot judge is a failure of that change.

    Only what follows a change is run, on half of the data at most: the samples that a search with the same --seed \
    chooses on, so that its held-back samples stay unseen. Latency takes most of the time: --no-latency leaves it \
    out, --latency-seconds shortens it. Data is found as search finds it.

    The result folder gets report.html (one page with all of it, for a browser), sensitivity.csv, .json, .md and .svg; exact.onnx, the model that was changed; and \
    samples.txt: the indices of the samples, for whoever wants to measure again. It is never an existing one. Ctrl-C \
    ends with what was measured so far.
    """
  static let examples = [
    CommandExample("workbench sensitivity -m m.onnx", "every change, timed"),
    CommandExample(
      "workbench sensitivity -m m.onnx --strategies static-int8 --no-latency --gain bytes",
      "which layers bear 8 bits"),
    CommandExample(
      "workbench sensitivity -m m.onnx --layers '*layer4*' --samples 5000", "some layers, more surely"),
  ]
  static let exitCodes = [
    ExitCode.Meaning(.done, "the sweep was made, or interrupted with a result"),
    ExitCode.Meaning(.failed, "wrong usage, or bad input"),
  ]

  @Option("--model", "-m", help: "the ONNX file") var model: FilePath
  @Option("--samples", help: "that every change runs on", check: .range(1...10_000_000)) var samples = 512
  @Option(
    "--strategies", help: "whose changes to make", values: StrategyRegistry.builtIn.names,
    defaultText: "all but linear-replacement")
  var strategies: [String] = []
  @Option(
    "--layers", help: "only changes of nodes with such names, * for anything", placeholder: "PATTERN",
    defaultText: "all")
  var layers: [String] = []
  @Option("--gain", help: "those that lose least for it come first") var gain = SensitivityGain.cost
  @Flag("--no-latency", help: "measure none") var withoutLatency
  @Option(
    "--latency-seconds", help: "of rounds, for each change", placeholder: "SECONDS", check: .range(0.01...600)
  )
  var latencySeconds = 0.25
  @Option("--top", help: "rows of the table and of the chart", check: .range(1...10_000)) var top = 40
  @Option("--out", "-o", help: "the result folder", placeholder: "FOLDER", defaultText: "beside the model")
  var out: FilePath?
  @Option("--batch", help: "samples run at once", check: .range(1...65536)) var batch = 64
  @Option(
    "--trial-timeout", help: "give a change up where one run takes longer", placeholder: "SECONDS",
    check: .range(0.01...86_400))
  var trialTimeout = 300.0
  @Option("--seed", help: "of the split and of drawn inputs", check: .atLeast(0)) var seed = 0
  @Flag("--json", help: "print sensitivity.json instead of the table") var json
  @OptionGroup("data and metric") var measuring: MeasuringOptions
  @OptionGroup("data and metric") var judging: JudgingOptions
  @OptionGroup("running") var running: RunningOptions
  @OptionGroup("running") var memory: MemoryOptions

  func validate() throws {
    if withoutLatency, gain == .latency {
      throw UsageError("--gain latency: is not measured with --no-latency")
    }
  }

  func run(on terminal: Terminal) async throws -> ExitCode {
    let start = ContinuousClock.now
    let client = memory.client(running)
    client.startInBackground()
    let read = try ModelFile.read(model)
    try requireParts(of: read, at: model)
    let data = try measuring.samples(for: read, readFrom: model, seed: seed)
    for line in data.messages { terminal.note(line) }
    let engine = try client.startWithRetry()
    let folder = try ResultFolder(path: out, model: model, kind: .sensitivity)
    do {
      let sensitivity = try sweep(read, data, in: folder, client: client, on: terminal)
      let report = report(
        sensitivity, data, engine: engine, spent: client.statistics, since: start)
      try write(report, samples: sensitivity.samples, exact: sensitivity.exact, to: folder, on: terminal)
      try show(report, in: folder, on: terminal)
      return .done
    } catch {
      folder.abandon()
      throw data.naming(error)
    }
  }

  private func sweep(
    _ model: Model, _ data: SearchData, in folder: ResultFolder, client: EvaluationClient,
    on terminal: Terminal
  ) throws -> Sensitivity {
    var options = SearchOptions(budget: AccuracyBudget(limit: 0), threads: running.threadCount)
    options.seed = UInt64(seed)
    options.batchSize = batch
    options.trialSecondsLimit = trialTimeout
    options.memory = memory.budget
    let task = SearchTask(
      model: model, modelPath: self.model.string,
      source: try ModelFile.source(of: model, readFrom: self.model),
      evaluation: data.evaluation, calibration: data.calibration,
      metric: measuring.metricRequest, command: judging.metricCommand(secondsLimit: trialTimeout),
      outputFolder: folder.path)
    let interrupt = Interrupt.onSignals()
    let progress = SearchProgress(on: terminal)
    defer { progress.finish() }
    let search = Search(
      task, options: options, strategies: StrategyRegistry.builtIn.makeStrategies(named: strategies),
      client: client,
      evaluator: WorkerConstantEvaluator(client, secondsLimit: min(trialTimeout, 30)),
      control: SearchControl(
        onEvent: { progress.show($0) }, isInterrupted: { interrupt.isRequested }))
    return try SensitivitySweep(search, options: sweepOptions).run()
  }

  private var sweepOptions: SweepOptions {
    var options = SweepOptions()
    options.samples = samples
    options.layers = layers.map { LayerPattern($0) }
    options.latencySeconds = withoutLatency ? nil : latencySeconds
    options.gain = gain
    return options
  }
}

extension SensitivityGain: OptionValue {}
