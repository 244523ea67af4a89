import Candidates
import Evaluation
import GraphAnalysis
import GraphIR

public struct SweepOptions: Sendable {
  /// Every change runs on so many samples; at most half of the data is taken.
  public var samples = 512
  /// Only changes that touch nodes of these names are made; all where there are none.
  public var layers: [LayerPattern] = []
  /// How long each change is timed; nil for not at all.
  public var latencySeconds: Double? = 0.5
  public var gain = SensitivityGain.cost

  public init() {}
}

/// Makes every change that the strategies propose, each alone, and measures what it does: each candidate, and each
/// step of each schedule.
///
/// It runs on the samples that a search with the same seed chooses on, so that the held-back ones stay unseen.
public struct SensitivitySweep {
  private let search: Search
  private let options: SweepOptions

  /// - Parameter search: what to measure with; its budget plays no part.
  public init(_ search: Search, options: SweepOptions) {
    self.search = search
    self.options = options
  }

  /// An interrupt ends the measurement under way; those before it are the result.
  ///
  /// - Throws: `ModelError` for models and data that cannot be measured, where an interrupt comes before the original
  ///   was, and where no change is in the layers that were named; `MetricCommandError` where a command cannot judge the
  ///   original. Failures of single changes are results.
  public func run() throws -> Sensitivity {
    let prepared = try search.begin().prepared.withoutStrata
    let total = Saving.ofLivingParts(of: prepared.exact)
    let round =
      ScoringRound.rounds(
        of: [options.samples], samples: prepared.searchSamples, calibration: prepared.calibration
      ).first ?? ScoringRound(samples: 0..<0, calibration: 0..<0)
    let samples = prepared.searchSamples.slice(round.samples)
    guard let baseline = try search.unlessInterrupted({ try self.baseline(on: samples, prepared) }) else {
      throw search.interruptedTooEarly
    }
    let changes = try search.unlessInterrupted { try proposedChanges(prepared) } ?? []
    var effects = try measure(changes, round, prepared, total)
    if let seconds = options.latencySeconds {
      try LatencySweep(search: search, prepared: prepared, seconds: seconds).measure(&effects)
    }
    return Sensitivity(
      metric: prepared.metric, command: search.task.command, exact: prepared.exact, total: total,
      baseline: baseline, samples: samples.indices,
      calibrationCount: round.calibration.count, hasHead: prepared.judge.head != nil,
      effects: Sensitivity.ranked(effects, by: options.gain, total: total), gain: options.gain,
      changeCount: changes.count, latencyBatch: search.latencyBatch(prepared),
      ledger: prepared.runner.ledger, wasInterrupted: search.control.isInterrupted)
  }

  private func baseline(on samples: SampleSet, _ prepared: Search.Prepared) throws -> Double {
    try prepared.command?.baseline(on: samples, groups: CommandJudge.sweepingGroups)
      ?? prepared.judge.scorer.baselineMean(over: samples.indices)
  }

  private func proposedChanges(_ prepared: Search.Prepared) throws -> [SweptChange] {
    let proposed = SweptChanges(
      model: prepared.exact, keeping: prepared.judge.head?.nodes ?? [],
      activations: Taps(model: prepared.exact, calibration: prepared.calibration, runner: prepared.runner))
    let changes = try search.strategies.flatMap { strategy in
      prepared.runner.stage = type(of: strategy).name
      search.control.report(.stage(type(of: strategy).name, total: nil))
      return try proposed.all(of: strategy)
    }
    guard !options.layers.isEmpty else { return changes }
    let wanted = changes.filter { $0.touches(options.layers, in: prepared.exact) }
    guard !wanted.isEmpty else { throw nothingMatches(changes, prepared.exact) }
    return wanted
  }

  private func nothingMatches(_ changes: [SweptChange], _ model: Model) -> ModelError {
    let patterns = options.layers.map { "'\($0.text)'" }.joined(separator: ", ")
    var names: [String] = []
    for name in changes.compactMap({ $0.candidate.nodes.first.map(model.layerName) })
    where names.count < 3 && !names.contains(name) { names.append(name) }
    return ModelError(
      "no change touches a layer that matches \(patterns)",
      hint: names.isEmpty
        ? nil : "layers are called such as \(names.map { "'\($0)'" }.joined(separator: ", "))")
  }

  private func measure(
    _ changes: [SweptChange], _ round: ScoringRound, _ prepared: Search.Prepared, _ total: Saving
  ) throws -> [ChangeEffect] {
    prepared.runner.stage = "sensitivity"
    guard !changes.isEmpty,
      let store = try search.unlessInterrupted({ try search.activations(for: [round], prepared) })
    else { return [] }
    let probe = SensitivityProbe(
      prepared: prepared, round: round, store: store, seed: search.options.seed)
    search.control.report(.stage("measuring changes", total: changes.count))
    var effects: [ChangeEffect] = []
    for (change, variant) in zip(changes, probe.variants(of: changes)) {
      search.control.report(.trying(change.candidate.title))
      let effect = try search.unlessInterrupted { try probe.effect(of: change, variant, total: total) }
      guard let effect else { break }
      effects.append(effect)
      search.control.report(.advanced(best: nil))
    }
    return effects
  }
}
