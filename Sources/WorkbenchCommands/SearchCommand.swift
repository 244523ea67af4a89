import Candidates
import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Journal
import PassPipeline
import Passes
import Reporting
import Search

struct SearchCommand: Command {
  static let name = "search"
  static let abstract = "find what a model does not need, and make it smaller within an accuracy budget"
  static let discussion = """
    Exact passes come first. Then the strategies have their turns: every region that can be bypassed is tried \
    (ablation; with linear-replacement also something linear in its place), and the best are combined while the metric stays \
    within the budget; what is left gets narrower: layers (channel-pruning, low-rank), ensembles of trees \
    (tree-pruning, tree-truncation), linear models (feature-selection), support vector machines \
    (support-vector-pruning); and it runs in 8 bits as far as that is faster here and the budget goes (static-int8, \
    dynamic-int8). The plan is confirmed on held-back samples that no choice saw. --strategies names those that are wanted.

    --objective says what is made less: latency, as it is measured here with --batch and --threads; bytes of weights; \
    multiply-accumulates; or memory. A plan that is no gain is never the result. All plans that were measured are \
    kept: `workbench export` lists and writes them.

    --budget 1% lets the metric fall by at most 0.01 where it lies between 0 and 1 (accuracy, agreement), and by \
    1 % of its value where it is unbounded. --budget 0.01 is the same. With --budget 0, no sample may become worse.

    By default, a plan is accepted where its estimated loss is within the budget, and the report says how sure that \
    is. With --confidence 95%, it is accepted only where the upper bound of the loss is, so that a plan that loses \
    more gets through with a probability of at most 5 %, whatever was tried; where the samples are too few for that, \
    a note says how many are needed.

    Data is an .npz file with arrays named as the graph's inputs and, if known, 'labels'; a folder of .npy files; \
    a table as .csv with a header; or ONNX test sets. Without --data, \
    eval.npz and calib.npz beside the model are used; without these, inputs are drawn from the declared types, \
    and the verdict rests on how far outputs move, not on the task.

    --metric-command 'CMD' lets a program of one's own judge plans: it gets a folder with the model's outputs for some \
    samples as .npy files, with labels.npy and indices.npy, as its last argument, and prints one number on its last line. \
    The budget is a share of the original's number.

    The result folder gets optimized.onnx, exact.onnx (exact passes only), before, after and diff pictures as .svg \
    and .dot, report.html (one page with all of it, for a browser), report.md, report.json, pareto.json and .svg (every plan that was measured), journal.sqlite (every \
    measurement), and holdout.txt: the indices of the held-back samples, for whoever wants to measure again. It is \
    never an existing one. Ctrl-C and --time-limit end with the best plan so far, and --resume goes on from there.
    """
  static let examples = [
    CommandExample("workbench search --model m.onnx --budget 1%", "with eval.npz beside the model"),
    CommandExample(
      "workbench search -m m.onnx --budget 0.5% --data test.npz -o out", "with data of one's own"),
  ]
  static let exitCodes = [
    ExitCode.Meaning(.done, "the result is within the budget on held-back samples"),
    ExitCode.Meaning(.unmet, "no plan held there: optimized.onnx is the exact model"),
    ExitCode.Meaning(.failed, "wrong usage, or bad input"),
  ]

  @Option("--model", "-m", help: "the ONNX file") var model: FilePath
  @Option("--budget", help: "how far the metric may fall", placeholder: "1%") var budget = "1%"
  @Option("--confidence", help: "accept only what is within the budget this surely", placeholder: "95%")
  var confidence: String?
  @Option("--objective", help: "what is made less within the budget") var objective = Objective.latency
  @Option(
    "--strategies", help: "what to try", values: StrategyRegistry.builtIn.names,
    defaultText: "all but linear-replacement; stored-… for bytes only")
  var strategies: [String] = []
  @Option("--out", "-o", help: "the result folder", placeholder: "FOLDER", defaultText: "beside the model")
  var out: FilePath?
  @Flag("--resume", help: "go on in the result folder of the same search, where that was cut short")
  var resume
  @Option(
    "--time-limit", help: "end with the best plan after so long", placeholder: "SECONDS", defaultText: "none",
    check: .range(0.01...31_536_000))
  var timeLimit: Double?
  @Option("--batch", help: "samples run at once", check: .range(1...65536)) var batch = 64
  @Option(
    "--trial-timeout", help: "give a candidate up where one run takes longer", placeholder: "SECONDS",
    check: .range(0.01...86_400))
  var trialTimeout = 300.0
  @Option("--seed", help: "of the split and of drawn inputs", check: .atLeast(0)) var seed = 0
  @Flag("--json", help: "print report.json as well") var json
  @OptionGroup("data and metric") var measuring: MeasuringOptions
  @OptionGroup("data and metric") var judging: JudgingOptions
  @OptionGroup("running") var running: RunningOptions
  @OptionGroup("running") var memory: MemoryOptions

  func validate() throws {
    guard AccuracyBudget(parsing: budget) != nil else {
      throw UsageError("--budget \(budget): give a share such as 1% or 0.01")
    }
    if let confidence, AccuracyBudget.confidence(parsing: confidence) == nil {
      throw UsageError("--confidence \(confidence): give a level from 50% to below 100%, such as 95%")
    }
  }

  var accuracyBudget: AccuracyBudget {
    let level = confidence.flatMap { AccuracyBudget.confidence(parsing: $0) }
    return AccuracyBudget(parsing: budget, confidence: level) ?? AccuracyBudget(limit: 0, confidence: level)
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
    let folder = try ResultFolder(
      path: out, model: model, kind: .search, resuming: resume ? Self.journalName : nil)
    do {
      let outcome = try search(
        read, data, in: folder, client: client, engine: engine, since: start, on: terminal)
      return try finish(
        outcome, data, in: folder, engine: engine,
        spent: client.statistics, since: start, on: terminal)
    } catch {
      if !hasMeasured(in: folder) { folder.abandon() }
      throw data.naming(error)
    }
  }

  private func search(
    _ model: Model, _ data: SearchData, in folder: ResultFolder, client: EvaluationClient, engine: String,
    since start: ContinuousClock.Instant, on terminal: Terminal
  ) throws -> SearchOutcome {
    let interrupt = Interrupt.onSignals()
    let deadline = timeLimit.map { start + .seconds($0) }
    let progress = SearchProgress(on: terminal)
    let control = SearchControl(
      onEvent: { progress.show($0) },
      isInterrupted: { interrupt.isRequested || deadline.map { ContinuousClock.now >= $0 } ?? false })
    defer { progress.finish() }
    let journal = try journal(of: model, data, in: folder.path, engine: engine, isResuming: resume)
    return try makeSearch(
      model, data, folder: folder.path, client: client, control: control, journal: journal, isResuming: resume
    ).run()
  }

  func makeSearch(
    _ model: Model, _ data: SearchData, folder: String, client: EvaluationClient, control: SearchControl,
    journal: Journal, isResuming: Bool
  ) throws -> Search {
    var options = SearchOptions(
      budget: accuracyBudget, threads: running.threadCount)
    options.objective = objective
    options.seed = UInt64(seed)
    options.batchSize = batch
    options.trialSecondsLimit = trialTimeout
    options.memory = memory.budget
    let task = SearchTask(
      model: model, modelPath: self.model.string,
      source: try ModelFile.source(of: model, readFrom: self.model),
      evaluation: data.evaluation, calibration: data.calibration,
      metric: measuring.metricRequest, command: judging.metricCommand(secondsLimit: trialTimeout),
      outputFolder: folder)
    return Search(
      task, options: options,
      strategies: StrategyRegistry.builtIn.makeStrategies(named: strategies, forStorage: objective == .bytes),
      client: client,
      evaluator: WorkerConstantEvaluator(client, secondsLimit: min(trialTimeout, 30)), control: control,
      journal: journal, isResuming: isResuming)
  }
}

extension Objective: OptionValue {}
