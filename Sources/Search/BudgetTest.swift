import GraphIR
import LinearAlgebra

/// Tells whether a variant stays within a part of the budget on the search split.
///
/// Samples come in growing portions, and a variant that is clearly beyond the budget is dropped early.
struct BudgetTest {
  let judge: Judge
  let samples: SampleSet
  let calibration: SampleSet
  /// The whole budget.
  let allowedLoss: Double
  /// How much of it may be spent so far; the rest is for what comes later.
  var share = 1.0
  /// In standard errors: the confirmation is on other samples.
  var margin = 1.0
  let control: SearchControl

  struct Passed {
    let loss: PairedLoss
    /// The last layer's new parameters, where they are better than the old ones.
    let refitted: LinearMap?
  }

  /// - Parameters:
  ///   - changed: the original's nodes that the variant lacks or computes in another way.
  ///   - title: of the change, for the journal.
  /// - Returns: nil where the variant does not run, is beyond the budget, or somebody interrupts.
  func passed(_ variant: Model, changed: [NodeID], title: String) -> Passed? {
    guard
      let trial = try? judge.trial(of: variant, changed: changed, title: title, calibration: calibration)
    else { return nil }
    for portion in portions() {
      if control.isInterrupted { return nil }
      guard (try? trial.run(on: samples.slice(portion))) != nil else { return nil }
      let loss = trial.loss
      if loss.mean - 2 * loss.standardError > share * allowedLoss { return nil }
      if loss.mean + enough * loss.standardError < share * allowedLoss { break }
    }
    let loss = trial.loss
    guard loss.mean <= share * allowedLoss, loss.isWithin(allowedLoss, margin: margin) else { return nil }
    return Passed(loss: loss, refitted: trial.fit?.map)
  }

  /// In standard errors: how far within its part of the budget a variant needs no more samples. What others come
  /// after is measured again with them.
  private var enough: Double { share < 1 ? max(1.5, margin) : max(3, margin) }

  private func portions() -> [Range<Int>] {
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
