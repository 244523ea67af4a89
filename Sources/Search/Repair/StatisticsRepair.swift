import Evaluation
import GraphIR
import Journal
import LinearAlgebra
import TensorCore

/// Gives the layers behind a removed one the means and deviations that their channels had in the original: what
/// re-estimating the statistics of batch normalizations does, also where these are folded into convolutions.
///
/// It needs no labels, takes one run over few samples, and costs nothing in the model.
struct StatisticsRepair {
  private let base: Model
  private let judge: Judge
  /// That statistics are taken on, and that tell whether the repair helps.
  private let observed, judged: SampleSet
  /// Of the base's layers.
  private let targets: [NodeID: ChannelStatistics]
  /// The base's scores on the judged samples; nil where the last layer's fit tells how far scores are off.
  private let scores: Matrix?

  /// Each sample gives many positions of a channel.
  private static let samples = 128
  /// What changes more has no statistics to speak of: a dead channel that came to life, or the other way round.
  private static let factors = 0.25...4.0
  private static let leastDeviation = 1e-6
  private static let scoreBytes = 64 << 20
  private static let original = "the original"

  /// Nil where the model has no layers that can be mended without another node, or there is too little data.
  init?(base: Model, judge: Judge, calibration: SampleSet) throws {
    let layers = base.nodes(of: base.mainGraph).compactMap { StatisticsLayer($0, in: base) }
    guard !layers.isEmpty, calibration.count >= 32 else { return nil }
    self.base = base
    self.judge = judge
    observed = calibration.prefix(Self.samples)
    let observation = Observation(samples: observed, runner: judge.runner, title: Self.original)
    targets = try observation.run(StatisticsProbe(layers: layers), on: base)
    guard judge.head == nil else {
      (judged, scores) = (calibration, nil)
      return
    }
    let size = ActivationStore.byteCount(of: judge.scorer.output(of: base).value, in: base) ?? Self.scoreBytes
    judged = observed.prefix(max(Self.scoreBytes / max(size, 1), 1))
    let trial = try judge.trial(of: base, changed: [], title: Self.original, calibration: judged)
    scores = try Matrix(rows: trial.outputs(on: judged).bare)
  }

  /// The plan with its layers mended, where that brings the scores nearer to the original's.
  func repaired(_ plan: PlanState) -> PlanState {
    guard !plan.steps.isEmpty, let mended = try? mended(plan), let before = distortion(of: plan),
      let after = distortion(of: mended), after < before
    else { return plan }
    return mended
  }

  /// How far the scores are from the original's, relative to their variance.
  private func distortion(of plan: PlanState) -> Double? {
    guard
      let trial = try? judge.trial(
        of: plan.model, changed: plan.changed, title: plan.title, calibration: judged)
    else { return nil }
    guard let scores else { return trial.fit?.distortion }
    guard let outputs = try? trial.outputs(on: judged).bare, let own = Matrix(rows: outputs),
      own.rows == scores.rows, own.columns == scores.columns
    else { return nil }
    return RidgeRefit.distortion(own, from: scores)
  }

  private func mended(_ plan: PlanState) throws -> PlanState? {
    let layers = layers(behindChangesOf: plan.model)
    guard !layers.isEmpty else { return nil }
    let observation = Observation(samples: observed, runner: judge.runner, title: plan.title)
    let now = try observation.run(StatisticsProbe(layers: layers, targets: targets), on: plan.model)
    var mended = plan
    try mended.model.edit(as: "repair-statistics") { rewriter in
      for layer in layers {
        guard let target = targets[layer.node], let own = now[layer.node] else { continue }
        let (factors, shifts) = Self.adjustment(from: own, to: target)
        try layer.adjust(factors: factors, shifts: shifts, in: &rewriter)
      }
    }
    return mended
  }

  private static func adjustment(from own: ChannelStatistics, to target: ChannelStatistics)
    -> (factors: [Double], shifts: [Double])
  {
    let factors = zip(target.deviations, own.deviations).map { wanted, have in
      have > leastDeviation ? min(max(wanted / have, Self.factors.lowerBound), Self.factors.upperBound) : 1
    }
    return (factors, factors.indices.map { target.means[$0] - factors[$0] * own.means[$0] })
  }

  /// Those that read, however far back, what replaced a removed value.
  private func layers(behindChangesOf model: Model) -> [StatisticsLayer] {
    let edits = model.journal.entries.dropFirst(base.journal.entries.count)
    var pending = edits.flatMap(\.replaced).compactMap { model.current($0.new) }
      .flatMap { model.users(of: $0) }
    var reached: Set<NodeID> = []
    while let node = pending.popLast() {
      guard reached.insert(node).inserted else { continue }
      pending += model.outputs(of: node).flatMap { model.users(of: $0) }
    }
    return model.nodes(of: model.mainGraph)
      .filter { reached.contains($0) && targets[$0] != nil }
      .compactMap { StatisticsLayer($0, in: model) }
  }
}

extension Matrix {
  /// A row for each sample; nil for elements that are no numbers.
  fileprivate init?(rows tensor: Tensor) {
    guard let count = tensor.dimensions.first, count > 0, let values = try? tensor.doubles() else {
      return nil
    }
    self.init(rows: count, columns: values.count / count, values)
  }
}

/// Runs probes, or takes from the journal what they gave.
private struct Observation {
  let samples: SampleSet
  let runner: VariantRunner
  /// Of the model, for the journal.
  let title: String

  func run(_ probe: StatisticsProbe, on model: Model) throws -> [NodeID: ChannelStatistics] {
    let encoded = try runner.encoder.encode(probe.instrumented(model))
    let recorded = try runner.measured(.statistics, of: title, samples, [Fingerprint(encoded.bytes)]) {
      let variant = try runner.prepare(encoded, attempts: 1)
      return RecordedStatistics(
        all: try probe.statistics(runner.run(variant, on: samples, attempts: 1)))
    }
    return Dictionary(uniqueKeysWithValues: zip(probe.layers.map(\.node), recorded.all))
  }
}

private struct RecordedStatistics: Recordable {
  let all: [ChannelStatistics]

  init(all: [ChannelStatistics]) { self.all = all }

  var columns: [[Double]] { all.flatMap { [$0.means, $0.deviations] } }

  init?(columns: [[Double]]) {
    guard columns.count % 2 == 0 else { return nil }
    all = stride(from: 0, to: columns.count, by: 2).map {
      ChannelStatistics(means: columns[$0], deviations: columns[$0 + 1])
    }
  }
}
