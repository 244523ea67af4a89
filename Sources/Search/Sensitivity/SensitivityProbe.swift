import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import TensorCore

/// Measures what single changes of the exact model do to its outputs, on the same samples each.
struct SensitivityProbe {
  let prepared: Search.Prepared
  let round: ScoringRound
  /// Activations of the samples (set 0) and of the calibration samples (set 1).
  let store: ActivationStore
  let seed: UInt64

  /// A change that was made, or why it could not be.
  struct Variant: Sendable {
    fileprivate let start: Judge.Start?
    fileprivate let made: Result<Made, any Error>
  }

  fileprivate struct Made: Sendable {
    let model: Model
    let part: VariantPart
    let costs: Saving
  }

  /// Each is made while the one before it is measured.
  func variants(of changes: [SweptChange]) -> Lookahead<SweptChange, Variant> {
    let (base, cutter, store, round) = (prepared.exact, prepared.judge.cutter, store, round)
    return Lookahead(changes) { change in
      let start = store.start(for: change.candidate.nodes, in: round)
      return Variant(
        start: start,
        made: Result {
          var model = base
          try change.candidate.apply(to: &model)
          return Made(
            model: model,
            part: try cutter.part(of: model, changed: change.candidate.nodes, from: start?.cut),
            costs: .ofLivingParts(of: model))
        })
    }
  }

  /// - Parameter total: what the exact model costs.
  /// - Throws: only where the call was cancelled.
  func effect(of change: SweptChange, _ variant: Variant, total: Saving) throws -> ChangeEffect {
    var effect = ChangeEffect(change)
    do {
      let made = try variant.made.get()
      effect.saving = total - made.costs
      let trial = try prepared.judge.trial(
        of: made.part, title: change.candidate.title,
        calibration: prepared.calibration.slice(round.calibration), start: variant.start)
      let measured = try measure(trial, from: variant.start)
      (effect.bare, effect.refitted) =
        try prepared.command.map {
          try judged(by: $0, made.model, trial, change.candidate.title, measured)
        } ?? measured
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch {
      effect.failure = "\(error)"
    }
    return effect
  }

  /// In portions, so that outputs that are large need not be held for all samples.
  private func measure(_ trial: Trial, from start: Judge.Start?) throws -> (
    bare: OutputEffect?, refitted: OutputEffect?
  ) {
    let scorer = prepared.judge.scorer
    var (bare, refitted) = (OutputRecord(scorer), OutputRecord(scorer))
    let count = round.samples.count
    let portion = prepared.runner.options.batchSize * 4
    let samples = prepared.searchSamples.slice(round.samples)
    for first in stride(from: 0, to: count, by: portion) {
      let range = first..<min(first + portion, count)
      let outputs = try trial.outputs(on: samples.slice(range), activations: start?.samples.slice(range))
      try bare.add(outputs.bare, of: samples.slice(range))
      if let outputs = outputs.refitted { try refitted.add(outputs, of: samples.slice(range)) }
    }
    return (try bare.effect(seed: seed), trial.fit == nil ? nil : try refitted.effect(seed: seed))
  }

  /// What the command says of the model that a search would take, and of no other, since each number takes a process.
  /// Samples tell the noise.
  private func judged(
    by command: CommandJudge, _ model: Model, _ trial: Trial, _ title: String,
    _ measured: (bare: OutputEffect?, refitted: OutputEffect?)
  ) throws -> (bare: OutputEffect?, refitted: OutputEffect?) {
    let comparison = try command.comparison(
      of: prepared.judge.refitted(model, with: trial.fit?.map), title: title,
      on: prepared.searchSamples.slice(round.samples), groups: CommandJudge.sweepingGroups)
    let effect = OutputEffect(comparison, decibels: (measured.refitted ?? measured.bare)?.decibels)
    return measured.refitted == nil ? (effect, nil) : (nil, effect)
  }
}

/// What a variant's outputs are worth, portion by portion.
private struct OutputRecord {
  private let scorer: Scorer
  private var indices: [Int] = []
  private var scores: [Double] = []
  private var noise = SignalToNoise()

  init(_ scorer: Scorer) { self.scorer = scorer }

  mutating func add(_ outputs: Tensor, of samples: SampleSet) throws {
    scores += try scorer.scores(outputs, for: samples.indices)
    indices += samples.indices
    if let original = try scorer.original(for: samples.indices) {
      try noise.add(outputs, original: original)
    }
  }

  func effect(seed: UInt64) throws -> OutputEffect {
    OutputEffect(
      try scorer.comparison(ofScores: scores, for: indices, seed: seed), decibels: noise.decibels)
  }
}

extension Scorer {
  fileprivate func comparison(
    ofScores scores: [Double], for indices: [Int], seed: UInt64
  ) throws -> PairedComparison {
    try PairedComparison(
      baseline: baselineScores(for: indices), candidate: scores, direction: metric.direction,
      range: metric.scoreRange, seed: seed)
  }
}

extension Saving {
  /// What a model needs as it would be written: without nodes that nothing reads.
  public static func ofLivingParts(of model: Model) -> Saving {
    let graph = model.mainGraph
    let outputs = zip(model.outputNames(of: graph), model.outputs(of: graph)).map { (name: $0, value: $1) }
    var living = (try? model.extracting(outputs)) ?? model
    ShapeInference.run(on: &living)
    let costs = CostModel(living)
    return Saving(
      nodes: costs.nodes, parameters: costs.parameters, bytes: costs.weightBytes, macs: costs.macs)
  }

  static func - (a: Saving, b: Saving) -> Saving {
    Saving(
      nodes: a.nodes - b.nodes, parameters: a.parameters - b.parameters, bytes: a.bytes - b.bytes,
      macs: a.macs - b.macs)
  }
}
