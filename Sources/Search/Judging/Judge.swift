import Evaluation
import GraphIR
import Journal
import LinearAlgebra
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

  /// The model with the last linear layer's new parameters, where there are any.
  func refitted(_ model: Model, with parameters: LinearMap?) throws -> Model {
    guard let parameters, let head else { return model }
    var model = model
    try head.head.setParameters(parameters, in: &model)
    return model
  }

  var cutter: VariantPart.Cutter {
    VariantPart.Cutter(
      encoder: runner.encoder, scorer: scorer, head: head.map { ($0.head.features, $0.nodes) })
  }

  /// Prepares a variant for judging, and refits its last layer.
  /// - Parameters:
  ///   - changed: the original's nodes that the variant lacks.
  ///   - title: of the change, for the journal.
  ///   - calibration: the first of the calibration samples.
  func trial(of variant: Model, changed: [NodeID], title: String, calibration: SampleSet) throws -> Trial {
    try trial(
      of: cutter.part(of: variant, changed: changed, from: nil), title: title, calibration: calibration)
  }

  /// - Parameter start: where the part begins.
  func trial(of part: VariantPart, title: String, calibration: SampleSet, start: Start? = nil) throws -> Trial
  {
    let trial = Trial(judge: self, part: part, title: title, calibration: calibration)
    guard part.usesHead, let head else { return trial }
    try trial.refit(head, on: start?.calibration ?? calibration)
    return trial
  }
}

/// A variant that can be run on more and more samples.
final class Trial {
  private let judge: Judge
  private let part: VariantPart
  private let title: String
  private let calibration: SampleSet
  /// Of everything that its outcomes depend on but the samples.
  private let identity: Fingerprint
  private var prepared: VariantRunner.Variant?
  private(set) var fit: RidgeRefit.Fit?
  private var losses = TrialLosses()
  /// Of the samples so far; nil once some are not stratified.
  private var groups: [UInt8]? = []

  fileprivate init(judge: Judge, part: VariantPart, title: String, calibration: SampleSet) {
    self.judge = judge
    self.part = part
    self.title = title
    self.calibration = calibration
    identity = Fingerprint(of: [Fingerprint(part.encoded.bytes), Fingerprint(calibration.indices)])
  }

  var loss: PairedLoss { loss(of: .max) }

  /// - Parameter population: how many samples there are.
  func loss(of population: Int) -> PairedLoss {
    PairedLoss(losses.repaired, groups: groups, population: population)
  }

  /// Without the refitted layer.
  var bareLoss: PairedLoss { PairedLoss(losses.bare, groups: groups) }

  /// Adds samples, whose activations may be given instead of their inputs.
  func run(on samples: SampleSet, activations: SampleSet? = nil) throws {
    let inputs = [identity, Fingerprint(samples.indices)]
    losses += try judge.runner.measured(.loss, of: title, samples, inputs) {
      try measure(outputs(on: samples, activations: activations), for: samples.indices)
    }
    groups = groups.flatMap { known in samples.groups.map { known + $0 } }
  }

  fileprivate func refit(_ head: HeadJudge, on activations: SampleSet) throws {
    let outcome = try judge.runner.measured(.fit, of: title, calibration, [identity]) {
      let features = try judge.runner.run(variant(), on: activations, attempts: 1)[0]
      return RecordedFit(fit: try head.fit(features, count: calibration.count))
    }
    fit = outcome.fit
  }

  /// Nothing is prepared for what the journal knows.
  private func variant() throws -> VariantRunner.Variant {
    if let prepared { return prepared }
    let variant = try judge.runner.prepare(part.encoded, attempts: 1)
    prepared = variant
    return variant
  }

  private func measure(_ outputs: Outputs, for indices: [Int]) throws -> TrialLosses {
    let bare = try judge.scorer.losses(outputs.bare, for: indices)
    let repaired = try outputs.refitted.map { try judge.scorer.losses($0, for: indices) }
    return TrialLosses(repaired: repaired ?? bare, bare: bare)
  }

  /// What a variant answers, [samples, …] each; `refitted` is nil where no layer was.
  typealias Outputs = (bare: Tensor, refitted: Tensor?)

  /// What the variant answers now, whatever the journal knows.
  func outputs(on samples: SampleSet, activations: SampleSet? = nil) throws -> Outputs {
    let output = try judge.runner.run(variant(), on: activations ?? samples, attempts: 1)[0]
    guard part.usesHead, let head = judge.head else { return (output, nil) }
    return (
      try head.scores(of: output, with: nil), try fit.map { try head.scores(of: output, with: $0.map) }
    )
  }
}
