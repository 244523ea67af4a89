import Candidates
import Evaluation
import GraphIR

/// A candidate that was tried alone.
public struct ScoredCandidate: Sendable {
  public let candidate: Candidate
  public fileprivate(set) var samples = 0
  /// How much worse the metric is on those samples, with the last layer refitted; nil where it was not
  /// promising enough to be measured, or every try failed.
  public fileprivate(set) var loss: Double?
  /// The same without refitting.
  public fileprivate(set) var bareLoss: Double?
  public fileprivate(set) var distortion: Double?
  public fileprivate(set) var failure: String?

  /// Takes in what further samples say.
  fileprivate mutating func add(_ trial: Trial) {
    func merged(_ old: Double?, _ new: PairedLoss) -> Double {
      ((old ?? 0) * Double(samples) + new.mean * Double(new.count)) / Double(max(samples + new.count, 1))
    }
    distortion = trial.fit?.distortion
    guard trial.loss.count > 0 else { return }
    loss = merged(loss, trial.loss)
    bareLoss = merged(bareLoss, trial.bareLoss)
    samples += trial.loss.count
  }
}

/// Which samples a round of scoring runs: new ones to score on, and more and more to refit on.
struct ScoringRound: Sendable {
  let samples: Range<Int>
  let calibration: Range<Int>

  /// - Parameter counts: samples of each round; rounds that find none left are left out.
  static func rounds(of counts: [Int], samples: SampleSet, calibration: SampleSet) -> [ScoringRound] {
    var start = 0
    var rounds: [ScoringRound] = []
    for count in counts where start < samples.count {
      let end = min(start + count, samples.count)
      rounds.append(ScoringRound(samples: start..<end, calibration: 0..<min(end, calibration.count)))
      start = end
    }
    return rounds
  }
}

/// Tries every candidate alone: all on a few samples, the promising ones on more.
struct RegionScoring {
  let judge: Judge
  let options: SearchOptions
  let rounds: [ScoringRound]
  let samples: SampleSet
  let calibration: SampleSet
  /// Activations of `samples` (set 0) and of `calibration` (set 1).
  let store: ActivationStore
  let base: Model
  let control: SearchControl

  func score(_ candidates: [Candidate]) -> [ScoredCandidate] {
    var scored = candidates.map { ScoredCandidate(candidate: $0) }
    var least = Double.infinity
    for (number, round) in rounds.enumerated() {
      let chosen = number == 0 ? Array(scored.indices) : promising(scored)
      control.report(.stage("scoring, round \(number + 1)", total: chosen.count))
      for (index, step) in zip(chosen, steps(chosen.map { candidates[$0] }, in: round)) {
        guard !control.isInterrupted else { break }
        let title = scored[index].candidate.title
        control.report(.trying(title))
        tryOne(&scored[index], step, in: round, isLast: number == rounds.count - 1)
        let loss = scored[index].loss ?? .infinity
        control.report(.advanced(best: loss < least ? "\(title), loss \(loss.shown)" : nil))
        least = min(least, loss)
      }
    }
    return scored
  }

  private struct Step: Sendable {
    let start: Judge.Start?
    let part: Result<VariantPart, any Error>
  }

  /// What to run for each candidate, made while the one before it runs.
  private func steps(_ candidates: [Candidate], in round: ScoringRound) -> Lookahead<Candidate, Step> {
    let (base, cutter, store) = (base, judge.cutter, store)
    return Lookahead(candidates) { candidate in
      let start = store.start(for: candidate.nodes, in: round)
      return Step(
        start: start,
        part: Result {
          var variant = base
          try candidate.apply(to: &variant)
          return try cutter.part(of: variant, changed: candidate.nodes, from: start?.cut)
        })
    }
  }

  /// A trial that fails costs that trial only. Activations go with a worker that is lost; the next computes
  /// those that it needs again.
  /// - Parameter isLast: before the last round, how far the last layer's outputs move is enough to tell who is
  ///   promising.
  private func tryOne(
    _ scored: inout ScoredCandidate, _ step: Step, in round: ScoringRound, isLast: Bool
  ) {
    do {
      let trial = try judge.trial(
        of: step.part.get(), title: "\(scored.candidate.strategy): \(scored.candidate.title)",
        calibration: calibration.slice(round.calibration), start: step.start)
      if isLast || trial.fit == nil {
        try trial.run(on: samples.slice(round.samples), activations: step.start?.samples)
      }
      scored.add(trial)
    } catch WorkerError.cancelled {
      // Nobody knows what it would have given.
    } catch {
      scored.failure = "\(error)"
    }
  }

  /// Those with the least predicted loss for what they gain.
  private func promising(_ scored: [ScoredCandidate]) -> [Int] {
    let ranking = Ranking(scored, base: base)
    let order = scored.indices.filter {
      (scored[$0].loss ?? scored[$0].distortion) != nil && scored[$0].failure == nil
    }
    .sorted { ranking.precedes(scored[$0], scored[$1]) }
    let count = max(12, Int((Double(scored.count) * options.secondRoundShare).rounded(.up)))
    return Array(order.prefix(count)).sorted()
  }
}

extension ActivationStore {
  /// Where a round begins for a change of `nodes`: sets 0 and 1 are of samples and of calibration.
  func start(for nodes: [NodeID], in round: ScoringRound) -> Judge.Start? {
    guard let samples = start(for: nodes, set: 0, range: round.samples),
      let calibration = start(for: nodes, set: 1, range: round.calibration),
      samples.cut == calibration.cut
    else { return nil }
    return Judge.Start(cut: samples.cut, samples: samples.samples, calibration: calibration.samples)
  }
}
