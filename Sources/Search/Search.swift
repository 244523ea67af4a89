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
      var failures: [String] = []
      let candidates = strategies.compactMap { $0 as? any CandidateGenerator }
        .flatMap { proposals(of: $0, search, &failures) }
      let scored = try scoreAll(candidates, search)
      let log = PlanLog()
      let planning = Planning(
        self, search, removals: combine(scored, search, log), log: log, failures: failures)
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
      throw interruptedTooEarly
    }
    return (original, prepared)
  }

  var interruptedTooEarly: ModelError {
    ModelError(
      "interrupted before the original was measured, so that there is no result", file: task.modelPath)
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
    /// Judges plans instead of `judge`, where there is one.
    let command: CommandJudge?
    let split: DataSplit
    /// Stratified, where decisions have margins.
    private(set) var searchSamples: SampleSet
    /// Of `searchSamples`, where they are stratified.
    private(set) var portionEnds: [Int]?
    let holdout: SampleSet
    let calibrationSamples: CalibrationSamples
    let allowedLoss: Double
    let originalVariant: VariantRunner.Variant
    /// Of one sample through the original.
    let seconds: Double

    var calibration: SampleSet { calibrationSamples.samples }

    /// By which plans are judged.
    var metric: Metric { command?.metric ?? judge.scorer.metric }

    /// The original's, over the samples that choose, or over those that `scorer` has a baseline for.
    func baseline(on samples: SampleSet, _ scorer: Scorer? = nil) throws -> Double {
      try command?.baseline(on: samples) ?? (scorer ?? judge.scorer).baselineMean(over: samples.indices)
    }

    /// Those that choose, in random order.
    var choosing: SampleSet { SampleSet(dataset: searchSamples.dataset, indices: split.search) }

    /// The same with samples in random order, so that the first of them stand for all without weights.
    var withoutStrata: Prepared {
      var prepared = self
      prepared.searchSamples = choosing
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

  // MARK: Searching

  /// A strategy that fails is left out.
  private func proposals(
    of generator: any CandidateGenerator, _ search: Prepared, _ failures: inout [String]
  ) -> [Candidate] {
    search.runner.stage = type(of: generator).name
    do {
      return try generator.candidates(
        for: search.exact,
        activations: Taps(model: search.exact, calibration: search.calibration, runner: search.runner))
    } catch WorkerError.cancelled {
      return []
    } catch {
      failures.append("\(type(of: generator).name) was left out: \(error)")
      return []
    }
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
      byteLimit: options.memory.activations,
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
      judge: search.judge, command: search.command,
      samples: search.command == nil ? search.searchSamples : search.choosing,
      portionEnds: search.portionEnds,
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
