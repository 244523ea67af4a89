import Candidates
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import Journal
import ONNXFormat
import PassPipeline
import Passes
import TensorCore

/// Finds what a model does not need: exact passes first, then candidates one by one, then together under the
/// budget, then the proof on samples that none of that saw.
public struct Search {
  let task: SearchTask
  let options: SearchOptions
  let strategies: [any Strategy]
  let client: EvaluationClient
  let control: SearchControl
  /// Nil to measure everything anew.
  let journal: Journal?
  /// Whether there may be results of an earlier run in the folder.
  let isResuming: Bool
  private let evaluator: any ConstantEvaluator

  public init(
    _ task: SearchTask, options: SearchOptions, strategies: [any Strategy],
    client: EvaluationClient,
    evaluator: any ConstantEvaluator, control: SearchControl = SearchControl(), journal: Journal? = nil,
    isResuming: Bool = false
  ) {
    self.task = task
    self.options = options
    self.strategies = strategies.sorted { type(of: $0).stage < type(of: $1).stage }
    self.client = client
    self.evaluator = evaluator
    self.control = control
    self.journal = journal
    self.isResuming = isResuming
  }

  /// An interrupt ends the call that is under way and all further trials; what was found until then is confirmed
  /// on as many held-back samples as take a fraction of a second.
  ///
  /// - Throws: `ModelError` for models and data that cannot be searched, and where an interrupt comes before the
  ///   original was measured. Failures of single trials are results.
  public func run() throws -> SearchOutcome {
    let (original, search) = try begin()
    for warning in warnings(search) { control.report(.warning(warning)) }
    let (scored, planning) = try client.cancelling(when: interrupted) {
      let candidates = try strategies.compactMap { $0 as? any CandidateGenerator }
        .flatMap { try proposals(of: $0, search) }
      let scored = try scoreAll(candidates, search)
      let log = PlanLog()
      let planning = Planning(self, search, removals: combine(scored, search, log), log: log)
      planning.follow(schedules)
      return (scored, planning)
    }
    return try finish(planning, scored, original: original, search)
  }

  /// The model as it was read, with types, and what every measurement begins with.
  /// - Throws: `ModelError` where an interrupt comes before the original was measured.
  func begin() throws -> (original: Model, prepared: Prepared) {
    var original = task.model
    ShapeInference.run(on: &original)
    guard let prepared = try unlessInterrupted({ try prepare(original, makeExact(original)) }) else {
      throw ModelError(
        "interrupted before the original was measured, so that there is no result", file: task.modelPath)
    }
    return (original, prepared)
  }

  private var interrupted: @Sendable () -> Bool { { [control] in control.isInterrupted } }

  /// Nil where an interrupt came before `body`, or ended it.
  func unlessInterrupted<Result>(_ body: () throws -> Result) throws -> Result? {
    guard !control.isInterrupted else { return nil }
    do {
      return try client.cancelling(when: interrupted, body)
    } catch WorkerError.cancelled {
      return nil
    }
  }

  /// What stays the same from scoring to confirmation.
  struct Prepared {
    let exact: Model
    let runner: VariantRunner
    let judge: Judge
    let split: DataSplit
    /// Stratified, where decisions have margins.
    private(set) var searchSamples: SampleSet
    /// Of `searchSamples`, where they are stratified.
    private(set) var portionEnds: [Int]?
    let holdout: SampleSet
    let calibration: SampleSet
    let allowedLoss: Double
    let originalVariant: VariantRunner.Variant
    /// Of one sample through the original.
    let seconds: Double

    /// The same with samples in random order, so that the first of them stand for all without weights.
    var withoutStrata: Prepared {
      var prepared = self
      prepared.searchSamples = SampleSet(dataset: searchSamples.dataset, indices: split.search)
      prepared.portionEnds = nil
      return prepared
    }

    /// As many held-back samples as take a fraction of a second, for when somebody waits.
    var hurriedHoldout: SampleSet { holdout.prefix(Int(min(max(32, 0.25 / seconds), Double(holdout.count)))) }
  }

  // MARK: Exact passes

  /// Writes `exact.onnx`, and lets the model's weights be those of that file, so that variants can refer to
  /// them instead of copying.
  private func makeExact(_ original: Model) throws -> Model {
    control.report(.stage("exact passes", total: nil))
    var exact = original
    try simplify(&exact)
    let path = TensorCore.FilePath.joining(task.outputFolder, "exact.onnx")
    try ONNXFormat.write(exact.named(), to: path, overwriting: isResuming)
    return try exact.referring(to: ONNXFormat.read(path))
  }

  func simplify(_ model: inout Model) throws {
    let manager = PassManager(registry: .builtIn)
    _ = try manager.run(.exact, on: &model, in: PassContext(evaluator: evaluator))
  }

  // MARK: Baseline

  private func prepare(_ original: Model, _ exact: Model) throws -> Prepared {
    let split = DataSplit(count: task.evaluation.count, seed: options.seed)
    let runner = VariantRunner(
      client: client, options: options, base: original, weightFolder: task.outputFolder,
      samplesPerPass: task.evaluation.count, journal: journal)
    let dataset = client.dataset(task.evaluation)
    let searchSamples = SampleSet(dataset: dataset, indices: split.search)
    let calibration =
      task.calibration.map { SampleSet(dataset: client.dataset($0), indices: Array(0..<$0.count)) }
      ?? searchSamples.prefix(512)

    let baseline = try baseline(of: original, on: searchSamples, runner)
    let (scorer, strata) = try scorer(of: baseline, for: split.search)
    let head = try HeadJudge(
      model: exact, scores: scorer.output(of: exact), calibration: calibration, runner: runner)
    return Prepared(
      exact: exact, runner: runner, judge: Judge(runner: runner, scorer: scorer, head: head), split: split,
      searchSamples: strata.map(searchSamples.ordered) ?? searchSamples,
      portionEnds: strata?.portionEnds,
      holdout: SampleSet(dataset: dataset, indices: split.holdout),
      calibration: calibration,
      allowedLoss: options.budget.allowedLoss(
        of: scorer.metric, from: scorer.baselineMean(over: split.search)),
      originalVariant: baseline.variant, seconds: baseline.seconds)
  }

  /// What the original gives.
  private struct Baseline {
    let variant: VariantRunner.Variant
    let outputs: [(name: String, values: Tensor)]
    /// Of one sample.
    let seconds: Double
  }

  private func baseline(of original: Model, on samples: SampleSet, _ runner: VariantRunner) throws -> Baseline
  {
    control.report(.stage("baseline", total: nil))
    runner.stage = "baseline"
    let all = zip(original.outputNames(of: original.mainGraph), original.outputs(of: original.mainGraph))
    let variant = try variant(of: original.extracting(all.map { (name: $0, value: $1) }), runner)
    let start = ContinuousClock.now
    let outputs = zip(variant.outputs, try runner.run(variant, on: samples)).map { (name: $0, values: $1) }
    let seconds = (ContinuousClock.now - start) / .seconds(max(samples.count, 1))
    return Baseline(variant: variant, outputs: outputs, seconds: max(seconds, 1e-9))
  }

  /// By the metric that was asked for or fits, with groups of samples where it has decisions.
  private func scorer(of baseline: Baseline, for indices: [Int]) throws -> (Scorer, Strata?) {
    let metric = try MetricChoice(
      outputs: baseline.outputs, labels: task.evaluation.labels?.rows(indices),
      everyLabel: task.evaluation.labels, request: task.metric
    ).metric
    guard let position = baseline.outputs.firstIndex(where: { $0.name == metric.output }) else {
      throw ModelError("the model has no output '\(metric.output)'")
    }
    let measured = baseline.outputs[position].values
    try requireMeaningful(measured, metric)
    let expected = task.evaluation.reference(for: metric.output, at: position)
    if let expected, !metric.usesLabels { try requireSameRows(expected, as: measured, of: metric.output) }
    var scorer = Scorer(metric: metric, labels: task.evaluation.labels, expected: expected)
    try scorer.setBaseline(measured, for: indices)
    return (scorer, try metric.margins(of: measured).map { Strata(margins: $0) })
  }

  private func requireSameRows(_ expected: Tensor, as measured: Tensor, of output: String) throws {
    guard
      expected.elementType != measured.elementType
        || expected.dimensions.dropFirst() != measured.dimensions.dropFirst()
    else { return }
    throw DatasetError(
      "what the data has for it is \(expected.type), the model gives \(measured.type)", array: output,
      file: task.evaluation.source)
  }

  /// A model that the runtime does not take cannot be measured.
  private func variant(of original: Model, _ runner: VariantRunner) throws -> VariantRunner.Variant {
    do {
      return try runner.prepare(original, name: task.modelPath)
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch let error as WorkerError where !error.isLoss {
      throw ModelError(
        "\(error)", hint: "search measures by running the model; opt, inspect, print and render work without")
    } catch {
      throw ModelError("\(error)", file: task.modelPath)
    }
  }

  /// Agreement on an output that hardly changes from sample to sample proves nothing, and neither does an
  /// output that is no number.
  private func requireMeaningful(_ output: Tensor, _ metric: Metric) throws {
    let undefined = output.samplesNotFinite
    guard undefined == 0 else {
      throw ModelError(
        "output '\(metric.output)' is NaN or infinite for \(undefined) of \(output.dimensions.first ?? 1) samples",
        file: task.modelPath, hint: "look at the data, or name another output with --output")
    }
    let isUniform = metric.kind == .agreement && output.hasOneDecision || output.isNearlyConstant
    guard !metric.usesLabels, isUniform else { return }
    throw ModelError(
      "output '\(metric.output)' is nearly the same for every input, so that no comparison on these inputs "
        + "proves anything",
      file: task.modelPath, hint: "give real data with --data")
  }

  // MARK: Searching

  private func proposals(of generator: any CandidateGenerator, _ search: Prepared) throws -> [Candidate] {
    search.runner.stage = type(of: generator).name
    return try generator.candidates(
      for: search.exact,
      activations: Taps(model: search.exact, calibration: search.calibration, runner: search.runner))
  }

  private func scoreAll(_ candidates: [Candidate], _ search: Prepared) throws -> [ScoredCandidate] {
    guard !candidates.isEmpty else { return [] }
    search.runner.stage = "scoring"
    let rounds = ScoringRound.rounds(
      of: options.scoringSamples, samples: search.searchSamples, calibration: search.calibration)
    return RegionScoring(
      judge: search.judge, options: options, rounds: rounds, samples: search.searchSamples,
      calibration: search.calibration, store: try activations(for: rounds, search), base: search.exact,
      control: control
    ).score(candidates)
  }

  /// Of the exact model at its cut points, for the samples of these rounds.
  func activations(for rounds: [ScoringRound], _ search: Prepared) throws -> ActivationStore {
    let costs = CostModel(search.exact)
    let cuts = CutPoints(model: search.exact) { costs.macs(of: $0) }.spread(8, totalMACs: costs.macs)
    let needed = rounds.last.map { ($0.samples.upperBound, $0.calibration.upperBound) } ?? (0, 0)
    return try ActivationStore(
      of: search.exact, cuts: cuts,
      sets: [search.searchSamples.prefix(needed.0), search.calibration.prefix(needed.1)],
      byteLimit: 256 << 20,
      runner: search.runner)
  }

  private func combine(_ scored: [ScoredCandidate], _ search: Prepared, _ log: PlanLog) -> [PlanState] {
    search.runner.stage = "combining"
    let share = schedules.isEmpty ? 1 : options.removalShare
    let repair = try? StatisticsRepair(
      base: search.exact, judge: search.judge, calibration: search.calibration)
    return Combination(
      test: test(search, share: share), options: options, control: control, log: log, repair: repair
    ).combine(scored, base: search.exact)
  }

  func test(_ search: Prepared, share: Double) -> BudgetTest {
    BudgetTest(
      judge: search.judge, samples: search.searchSamples, portionEnds: search.portionEnds,
      calibration: search.calibration,
      allowedLoss: search.allowedLoss, share: share,
      margin: rule(search).planningMargin, control: control)
  }

  private var schedules: [any ScheduleGenerator] { strategies.compactMap { $0 as? any ScheduleGenerator } }
}

extension Model {
  /// The same model, with the weights of the file that was written from it instead of its own.
  fileprivate func referring(to file: NamedModel) throws -> Model {
    let written = named(types: .none).graph.initializers.map(\.tensor)
    var tensors: [ValueID: Tensor] = [:]
    let values = inputs(of: mainGraph).filter { denseTensor(of: $0) != nil } + initializers(of: mainGraph)
    let dense = values.filter { denseTensor(of: $0) != nil }
    guard dense.count == written.count, file.graph.initializers.count == written.count else { return self }
    for (value, tensor) in zip(dense, file.graph.initializers) { tensors[value] = tensor.tensor }
    var model = self
    model.edit(as: "map-weights") { rewriter in
      for value in dense {
        if let tensor = tensors[value] { rewriter.moveConstant(value, to: tensor) }
      }
    }
    return model
  }
}
