import Candidates
import Evaluation
import GraphIR
import TensorCore

/// Judges variants of a model against the original. It runs only the part of a variant that a change can
/// reach, up to the features of the last linear layer; that layer, refitted or not, and what follows it are
/// cheap and applied afterwards.
struct Judge {
  let runner: VariantRunner
  let scorer: Scorer
  /// Nil where the model has no linear head, or there is no calibration data to refit it on.
  let head: HeadJudge?

  /// Stored activations to begin a run with, instead of at the model's inputs.
  struct Start: Sendable {
    let cut: ValueID
    let samples: SampleSet
    let calibration: SampleSet
  }

  var cutter: VariantPart.Cutter {
    VariantPart.Cutter(
      encoder: runner.encoder, scorer: scorer, head: head.map { ($0.head.features, $0.nodes) })
  }

  /// Prepares a variant for judging, and refits its last layer.
  /// - Parameters:
  ///   - changed: the original's nodes that the variant lacks.
  ///   - calibration: the first of the calibration samples.
  func trial(of variant: Model, changed: [NodeID], calibration: SampleSet) throws -> Trial {
    try trial(of: cutter.part(of: variant, changed: changed, from: nil), calibration: calibration)
  }

  /// - Parameter start: where the part begins.
  func trial(of part: VariantPart, calibration: SampleSet, start: Start? = nil) throws -> Trial {
    let trial = Trial(
      judge: self, variant: try runner.prepare(part.encoded, attempts: 1), usesHead: part.usesHead)
    guard part.usesHead, let head else { return trial }
    let features = try runner.run(trial.variant, on: start?.calibration ?? calibration, attempts: 1)[0]
    trial.fit = try head.fit(features, count: calibration.count)
    return trial
  }
}

/// A variant that is ready to be run on more and more samples.
final class Trial {
  let variant: VariantRunner.Variant
  private let judge: Judge
  private let usesHead: Bool
  fileprivate(set) var fit: RidgeRefit.Fit?
  /// How much worse the variant is, for each sample so far.
  private var losses: [Double] = []
  private var bareLosses: [Double] = []

  fileprivate init(judge: Judge, variant: VariantRunner.Variant, usesHead: Bool) {
    self.judge = judge
    self.variant = variant
    self.usesHead = usesHead
  }

  var loss: PairedLoss { PairedLoss(losses) }

  /// Without the refitted layer.
  var bareLoss: PairedLoss { PairedLoss(bareLosses) }

  /// Adds samples, whose activations may be given instead of their inputs.
  func run(on samples: SampleSet, activations: SampleSet? = nil) throws {
    let output = try judge.runner.run(variant, on: activations ?? samples, attempts: 1)[0]
    guard usesHead, let head = judge.head else {
      let new = try judge.scorer.losses(output, for: samples.indices)
      losses += new
      bareLosses += new
      return
    }
    let bare = try judge.scorer.losses(head.scores(of: output, with: nil), for: samples.indices)
    bareLosses += bare
    losses +=
      try fit.map { try judge.scorer.losses(head.scores(of: output, with: $0.map), for: samples.indices) }
      ?? bare
  }
}
