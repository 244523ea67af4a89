import Candidates
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import Passes
import TensorCore

/// Finds what a model does not need: exact passes first, then candidates one by one, then together under the
/// budget, then the proof on samples that none of that saw.
public struct Search {
  private let task: SearchTask
  private let options: SearchOptions
  private let generators: [any CandidateGenerator]
  private let client: EvaluationClient
  private let control: SearchControl
  private let evaluator: any ConstantEvaluator

  public init(
    _ task: SearchTask, options: SearchOptions, generators: [any CandidateGenerator],
    client: EvaluationClient,
    evaluator: any ConstantEvaluator, control: SearchControl = SearchControl()
  ) {
    self.task = task
    self.options = options
    self.generators = generators
    self.client = client
    self.evaluator = evaluator
    self.control = control
  }

  /// - Throws: `ModelError` for models and data that cannot be searched. Failures of single trials are results.
  public func run() throws -> SearchOutcome {
    var original = task.model
    ShapeInference.run(on: &original)
    let exact = try makeExact(original)
    let search = try prepare(original, exact)
    let candidates = try generators.flatMap { try $0.candidates(for: exact) }
    let scored = try scoreAll(candidates, search)
    let states = combine(scored, search)
    return try finish(states, scored, original: original, search)
  }

  /// What stays the same from scoring to confirmation.
  private struct Prepared {
    let exact: Model
    let runner: VariantRunner
    let judge: Judge
    let split: DataSplit
    let searchSamples: SampleSet
    let holdout: SampleSet
    let calibration: SampleSet
    let allowedLoss: Double
    let originalVariant: VariantRunner.Variant
  }

  // MARK: Exact passes

  /// Writes `exact.onnx`, and lets the model's weights be those of that file, so that variants can refer to
  /// them instead of copying.
  private func makeExact(_ original: Model) throws -> Model {
    control.report(.stage("exact passes", total: nil))
    var exact = original
    try simplify(&exact)
    let path = TensorCore.FilePath.joining(task.outputFolder, "exact.onnx")
    try ONNXFormat.write(exact.named(), to: path, overwriting: false)
    return try exact.referring(to: ONNXFormat.read(path))
  }

  private func simplify(_ model: inout Model) throws {
    let manager = PassManager(registry: .builtIn)
    _ = try manager.run(.exact, on: &model, in: PassContext(evaluator: evaluator))
  }

  // MARK: Baseline

  private func prepare(_ original: Model, _ exact: Model) throws -> Prepared {
    let split = DataSplit(count: task.evaluation.count, seed: options.seed)
    let runner = VariantRunner(
      client: client, options: options, base: original, weightFolder: task.outputFolder,
      samplesPerPass: task.evaluation.count)
    let dataset = client.dataset(task.evaluation)
    let searchSamples = SampleSet(dataset: dataset, indices: split.search)
    let calibration =
      task.calibration.map { SampleSet(dataset: client.dataset($0), indices: Array(0..<$0.count)) }
      ?? searchSamples.prefix(512)

    control.report(.stage("baseline", total: nil))
    runner.stage = "baseline"
    let all = zip(original.outputNames(of: original.mainGraph), original.outputs(of: original.mainGraph))
    let originalVariant = try variant(of: original.extracting(all.map { (name: $0, value: $1) }), runner)
    let outputs = zip(originalVariant.outputs, try runner.run(originalVariant, on: searchSamples))
      .map { (name: $0, values: $1) }
    let metric = try MetricChoice(
      outputs: outputs, labels: task.evaluation.labels?.rows(split.search), named: task.outputName
    ).metric
    guard let measured = outputs.first(where: { $0.name == metric.output })?.values else {
      throw ModelError("the model has no output '\(metric.output)'")
    }
    try requireMeaningful(measured, metric)
    var scorer = Scorer(metric: metric, labels: task.evaluation.labels)
    try scorer.setBaseline(measured, for: split.search)
    let head = try HeadJudge(
      model: exact, scores: scorer.output(of: exact), calibration: calibration, runner: runner)
    return Prepared(
      exact: exact, runner: runner, judge: Judge(runner: runner, scorer: scorer, head: head), split: split,
      searchSamples: searchSamples, holdout: SampleSet(dataset: dataset, indices: split.holdout),
      calibration: calibration,
      allowedLoss: options.budget.allowedLoss(
        of: metric, from: scorer.baselineMean(over: split.search)),
      originalVariant: originalVariant)
  }

  /// A model that the runtime does not take cannot be measured.
  private func variant(of original: Model, _ runner: VariantRunner) throws -> VariantRunner.Variant {
    do {
      return try runner.prepare(original, name: task.modelPath)
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

  private func scoreAll(_ candidates: [Candidate], _ search: Prepared) throws -> [ScoredCandidate] {
    guard !candidates.isEmpty else { return [] }
    search.runner.stage = "scoring"
    let rounds = ScoringRound.rounds(
      of: options.scoringSamples, samples: search.searchSamples, calibration: search.calibration)
    let costs = CostModel(search.exact)
    let cuts = CutPoints(model: search.exact) { costs.macs(of: $0) }.spread(8, totalMACs: costs.macs)
    let needed = rounds.last.map { ($0.samples.upperBound, $0.calibration.upperBound) } ?? (0, 0)
    let store = try ActivationStore(
      of: search.exact, cuts: cuts,
      sets: [search.searchSamples.prefix(needed.0), search.calibration.prefix(needed.1)],
      byteLimit: 256 << 20,
      runner: search.runner)
    return RegionScoring(
      judge: search.judge, options: options, rounds: rounds, samples: search.searchSamples,
      calibration: search.calibration, store: store, base: search.exact, control: control
    ).score(candidates)
  }

  private func combine(_ scored: [ScoredCandidate], _ search: Prepared) -> [PlanState] {
    search.runner.stage = "combining"
    return Combination(
      judge: search.judge, options: options, samples: search.searchSamples, calibration: search.calibration,
      allowedLoss: search.allowedLoss, control: control
    ).combine(scored, base: search.exact)
  }

  // MARK: Confirming

  /// Looks at the held-back samples for the plan, on failure for fewer of its steps, at last for the exact
  /// model: a ladder that is fixed before the first look.
  private func finish(
    _ states: [PlanState], _ scored: [ScoredCandidate], original: Model, _ search: Prepared
  ) throws -> SearchOutcome {
    control.report(.stage("confirming", total: nil))
    search.runner.stage = "confirmation"
    var scorer = search.judge.scorer
    let output = search.originalVariant.outputs.firstIndex(of: scorer.metric.output) ?? 0
    let baseline = try search.runner.run(search.originalVariant, on: search.holdout)[output]
    try scorer.setBaseline(baseline, for: search.split.holdout)
    var looks = 0
    for index in Self.ladder(steps: states.count - 1) {
      looks += 1
      // A plan that cannot be run on these samples, or gives no numbers there, has failed like one that loses.
      let look =
        index > 0
        ? try? confirm(states[index], scorer, looks, search) : try confirm(states[0], scorer, looks, search)
      guard let look, look.confirmation.isWithinBudget || index == 0 else { continue }
      return try outcome(
        look.model, states[index], look.confirmation, scored, original: original, search,
        isFallBack: index == 0 && states.count > 1)
    }
    throw ModelError("no plan was looked at")
  }

  private func confirm(
    _ state: PlanState, _ scorer: Scorer, _ looks: Int, _ search: Prepared
  ) throws -> (model: Model, confirmation: Confirmation) {
    let model = try finished(state, search)
    let variant = try search.runner.prepare(model.extracting([scorer.output(of: model)]))
    let confirmation = try scorer.confirmation(
      try search.runner.run(variant, on: search.holdout)[0], on: search.holdout,
      allowedLoss: search.allowedLoss, looks: looks, seed: options.seed)
    return (model, confirmation)
  }

  /// How many steps of the plan each look keeps: all, one and two fewer, half, none.
  static func ladder(steps: Int) -> [Int] {
    var rungs: [Int] = []
    for rung in [steps, steps - 1, steps - 2, steps / 2, 0] where rung >= 0 && rung < rungs.last ?? .max {
      rungs.append(rung)
    }
    return rungs
  }

  /// The plan's model with its refitted last layer, simplified again.
  private func finished(_ state: PlanState, _ search: Prepared) throws -> Model {
    var model = state.model
    guard !state.steps.isEmpty else { return model }
    if let refitted = state.refitted, let head = search.judge.head?.head {
      try head.setParameters(refitted, in: &model)
    }
    try simplify(&model)
    return model
  }

  private func outcome(
    _ model: Model, _ state: PlanState, _ confirmation: Confirmation, _ scored: [ScoredCandidate],
    original: Model, _ search: Prepared, isFallBack: Bool
  ) throws -> SearchOutcome {
    control.report(.stage("measuring latency", total: nil))
    let path = TensorCore.FilePath.joining(task.outputFolder, "optimized.onnx")
    try ONNXFormat.write(model.named(), to: path, overwriting: false)
    let batch = min(options.batchSize, 32, search.holdout.count)
    let timings = try search.runner.withWorkers {
      try client.latency(
        of: [task.source, .file(path)].map { try client.session($0, options.session) },
        on: client.dataset(task.evaluation), batchSize: batch)
    }
    let notes = SearchNotes(
      confirmation: confirmation, holdoutCount: search.holdout.count, allowedLoss: search.allowedLoss,
      scored: scored, hasHead: search.judge.head != nil, isInterrupted: control.isInterrupted)
    let baseline = search.judge.scorer.baselineMean(over: search.split.search)
    let sign: Double = search.judge.scorer.metric.direction == .higherIsBetter ? 1 : -1
    return SearchOutcome(
      metric: search.judge.scorer.metric, original: original, exact: search.exact, result: model,
      steps: state.steps, scored: scored, confirmation: confirmation,
      latency: try LatencyComparison(baseline: timings[0], candidate: timings[1]), latencyBatch: batch,
      ledger: search.runner.ledger, split: search.split, calibrationCount: search.calibration.count,
      searchMetric: (baseline: baseline, result: baseline - sign * state.loss),
      wasInterrupted: control.isInterrupted, planFailed: isFallBack, notes: notes.lines)
  }
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
