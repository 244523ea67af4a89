import GraphIR
import LinearAlgebra

/// Tells whether a variant stays within a part of the budget on the search split.
///
/// Samples come in growing portions, and a variant that is clearly beyond the budget is dropped early.
struct BudgetTest {
  let judge: Judge
  /// Decides instead of single samples, where there is one.
  var command: CommandJudge?
  let samples: SampleSet
  /// Nil for portions that double.
  var portionEnds: [Int]?
  let calibration: SampleSet
  /// The whole budget.
  let allowedLoss: Double
  /// How much of it may be spent so far; the rest is for what comes later.
  var share = 1.0
  /// In standard errors: the confirmation is on other samples.
  var margin = 1.0
  let control: SearchControl
  /// Whether a plan that is well within may be told from a part of the samples.
  var endsEarly = true

  struct Verdict {
    let isWithin: Bool
    /// On as many samples as it took.
    let loss: PairedLoss
    /// The last layer's new parameters, where they are better than the old ones.
    let refitted: LinearMap?
  }

  /// - Returns: nil where the plan does not run, or somebody interrupts.
  func verdict(on plan: PlanState) -> Verdict? {
    guard
      let trial = try? judge.trial(
        of: plan.model, changed: plan.changed, title: plan.title, calibration: calibration)
    else { return nil }
    if let command { return verdict(of: command, on: plan, refitted: trial.fit?.map) }
    for portion in portions() {
      if control.isInterrupted { return nil }
      guard (try? trial.run(on: samples.slice(portion))) != nil else { return nil }
      if isDecided(trial.loss(of: samples.count)) { break }
    }
    let loss = trial.loss(of: samples.count)
    return Verdict(isWithin: isWithin(loss, mean: loss.mean), loss: loss, refitted: trial.fit?.map)
  }

  private func verdict(of command: CommandJudge, on plan: PlanState, refitted: LinearMap?) -> Verdict? {
    guard let model = try? judge.refitted(plan.model, with: refitted) else { return nil }
    let limit = share * allowedLoss
    return command.loss(of: model, title: plan.title, on: samples, within: limit).map {
      Verdict(isWithin: isWithin($0, mean: $0.mean), loss: $0, refitted: refitted)
    }
  }

  /// Where nothing may be lost, no sample may become worse.
  private func isWithin(_ loss: PairedLoss, mean: Double) -> Bool {
    guard allowedLoss > 0 else { return loss.isLossless }
    return mean <= share * allowedLoss && mean + margin * loss.errorOfAll <= allowedLoss
  }

  /// Whether the rest of the samples would hardly change the verdict.
  private func isDecided(_ loss: PairedLoss) -> Bool {
    let (best, worst) = (loss.mean - 2 * loss.errorOfRest, loss.mean + 2 * loss.errorOfRest)
    return !isWithin(loss, mean: best) || endsEarly && allowedLoss > 0 && isWithin(loss, mean: worst)
  }

  private func portions() -> [Range<Int>] {
    if let portionEnds {
      // The last portion holds clear decisions alone. Where enough of them are run before, it would tell nothing.
      let all = zip([0] + portionEnds, portionEnds).map { $0..<$1 }
      return endsEarly && portionEnds.dropLast().last ?? 0 > 500 ? all.dropLast() : all
    }
    var portions: [Range<Int>] = []
    var start = 0
    var length = 600
    while start < samples.count {
      portions.append(start..<min(start + length, samples.count))
      start += length
      length *= 2
    }
    return portions
  }
}
