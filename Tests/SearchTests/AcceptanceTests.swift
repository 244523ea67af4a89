import Evaluation
import Kernels
import Testing

@testable import Search

/// The accept rule on outcomes that are drawn, without models: what `--confidence` promises.
@Suite struct AcceptanceTests {
  /// Nested plans on the same samples, each of which changes answers of its own beside those of the next smaller one.
  private struct Plans {
    var losses: [Double]
    var gain: Double

    /// The scores of the baseline and of each plan for `count` samples.
    func draw(_ count: Int, _ random: inout Xoshiro256) -> (baseline: [Double], plans: [[Double]]) {
      var baseline = [Double](repeating: 0, count: count)
      var plans = [[Double]](repeating: baseline, count: losses.count)
      for sample in 0..<count {
        // One number for all plans: the smaller plan's losses are the larger one's as well.
        let number = random.uniform()
        baseline[sample] = number < 0.9 ? 1 : 0
        for (plan, loss) in losses.enumerated() {
          let isLost = number < loss + gain
          let isGained = number >= 0.9 && number < 0.9 + gain
          plans[plan][sample] = isLost ? 0 : isGained ? 1 : baseline[sample]
        }
      }
      return (baseline, plans)
    }
  }

  /// The place of the plan that looks end with; nil for the exact model.
  private func accepted(
    _ plans: [[Double]], _ baseline: [Double], _ rule: AcceptanceRule
  ) throws -> Int? {
    try zip(plans, Ladder.shares(plans.count)).enumerated().first { _, look in
      let comparison = try PairedComparison(baseline: baseline, candidate: look.0, range: 0...1)
      return rule.accepts(comparison, share: look.1)
    }?.offset
  }

  /// Four plans that all lose exactly the budget, or hardly more: each acceptance is an error.
  @Test(arguments: [
    ([0.02, 0.02, 0.02, 0.02], 0.0), ([0.02, 0.02, 0.02, 0.02], 0.03),
    ([0.02, 0.0202, 0.0204, 0.0206], 0.01),
    ([0.02], 0.01),
  ])
  func plansAtTheBudgetAreRefusedWithTheConfidence(losses: [Double], gain: Double) throws {
    let rule = AcceptanceRule(allowedLoss: 0.02, confidence: 0.95)
    var random = Xoshiro256(seed: 11)
    let trials = 500
    let errors = try (0..<trials).count { _ in
      let drawn = Plans(losses: losses, gain: gain).draw(400, &random)
      return try accepted(drawn.plans, drawn.baseline, rule) != nil
    }
    // 5 % of 500, and what chance alone adds to it in one of a hundred runs.
    #expect(errors <= 25 + 12, "\(errors) of \(trials)")
    #expect(errors >= 2, "a rule that refuses everything is of no use")
  }

  /// Without spending, four looks at 5 % each would let through more: the test above can fail.
  @Test func looksWithoutSpendingWouldErrMoreOften() throws {
    var random = Xoshiro256(seed: 11)
    let rule = AcceptanceRule(allowedLoss: 0.02, confidence: 0.95)
    let errors = try (0..<400).count { _ in
      // Plans that have nothing in common: every look is another chance.
      try (0..<4).contains { _ in
        let drawn = Plans(losses: [0.02], gain: 0.03).draw(400, &random)
        let comparison = try PairedComparison(
          baseline: drawn.baseline, candidate: drawn.plans[0], range: 0...1)
        return rule.accepts(comparison, share: 1)
      }
    }
    #expect(errors > 20 + 12, "\(errors) of 400")
  }

  @Test func plansWellWithinTheBudgetAreAccepted() throws {
    let rule = AcceptanceRule(allowedLoss: 0.02, confidence: 0.95)
    var random = Xoshiro256(seed: 12)
    let whole = try (0..<200).count { _ in
      let drawn = Plans(losses: [0.002, 0.001], gain: 0.002).draw(1000, &random)
      return try accepted(drawn.plans, drawn.baseline, rule) == 0
    }
    #expect(whole > 190, "\(whole) of 200")
  }

  @Test func withoutConfidenceTheEstimateDecides() throws {
    let baseline = [Double](repeating: 1, count: 100)
    var candidate = baseline
    candidate[0] = 0
    let comparison = try PairedComparison(baseline: baseline, candidate: candidate)
    let lenient = AcceptanceRule(allowedLoss: 0.01, confidence: nil).verdict(comparison, share: 1)
    #expect(lenient.isAccepted && lenient.certainty < 0.5 && lenient.upperBound > 0.03)
    #expect(!AcceptanceRule(allowedLoss: 0.01, confidence: 0.95).verdict(comparison, share: 1).isAccepted)
    #expect(!AcceptanceRule(allowedLoss: 0.009, confidence: nil).verdict(comparison, share: 1).isAccepted)
  }

  @Test func plansKeepADistanceThatTheConfirmationNeeds() {
    #expect(AcceptanceRule(allowedLoss: 0.01, confidence: nil).planningMargin == 1)
    let margin = AcceptanceRule(allowedLoss: 0.01, confidence: 0.95).planningMargin
    #expect(abs(margin - (1.959964 + 0.841621)) < 1e-5)
  }

  @Test func aPlanIsAcceptedUpToItsCertainty() throws {
    let baseline = [Double](repeating: 1, count: 500)
    let comparison = try PairedComparison(baseline: baseline, candidate: [0] + baseline.dropFirst())
    let share = 0.5
    let certainty = AcceptanceRule(allowedLoss: 0.01, confidence: nil)
      .verdict(comparison, share: share).certainty
    for (level, isAccepted) in [(certainty - 1e-3, true), (certainty + 1e-3, false)] {
      let verdict = AcceptanceRule(allowedLoss: 0.01, confidence: level).verdict(comparison, share: share)
      #expect(verdict.isAccepted == isAccepted && (verdict.upperBound <= 0.01) == isAccepted)
    }
  }

  @Test func aBudgetOfZeroAllowsNoSampleToBecomeWorse() throws {
    let rule = AcceptanceRule(allowedLoss: 0, confidence: nil)
    func isAccepted(_ baseline: [Double], _ candidate: [Double]) throws -> Bool {
      try rule.verdict(PairedComparison(baseline: baseline, candidate: candidate), share: 1).isAccepted
    }
    #expect(try isAccepted([1, 0, 1], [1, 0, 1]) && isAccepted([1, 0, 1], [1, 1, 1]))
    #expect(try !isAccepted([1, 0, 1], [0, 1, 1]), "one lost, one gained")
    let sure = AcceptanceRule(allowedLoss: 0, confidence: 0.95)
    let same = try PairedComparison(baseline: [1, 0, 1], candidate: [1, 0, 1])
    #expect(!sure.verdict(same, share: 1).isAccepted)
  }
}

@Suite struct ResolutionTests {
  private let rule = AcceptanceRule(allowedLoss: 0.01, confidence: 0.95)

  /// As many samples as are asked for accept a good plan about as often as they promise.
  @Test func theNumberOfSamplesSuffices() throws {
    let (loss, gain) = (0.015, 0.012)
    let spread = (loss + gain - (loss - gain) * (loss - gain)).squareRoot()
    let count = try #require(
      Resolution(rule: rule, share: 1).samples(loss: loss - gain, standardDeviation: spread, method: .exact))
    #expect((2500...3800).contains(count), "\(count)")
    var random = Xoshiro256(seed: 3)
    let accepted = (0..<300).count { _ in
      var (losses, gains) = (0, 0)
      for _ in 0..<count {
        let number = random.uniform()
        if number < loss { losses += 1 } else if number < loss + gain { gains += 1 }
      }
      return DiscordantPairs(losses: losses, gains: gains, count: count).probability(ofDropAtLeast: 0.01)
        <= 0.05
    }
    #expect((210...270).contains(accepted), "\(accepted) of 300")
  }

  /// 299 samples without a difference bound a proportion by 1 % at 95 %, 298 do not.
  @Test func fewerThanTheRuleOfThreeAreNeverEnough() {
    #expect(Resolution(rule: rule, share: 1).fewest == 299)
    let agreement = Metric(.agreement, output: "y")
    let resolution = Resolution(rule: rule, share: 0.5)
    #expect(
      resolution.warning(heldBack: 150, metric: agreement)?.contains("150 held-back samples cannot") == true)
    #expect(resolution.warning(heldBack: 1000, metric: agreement)?.contains("can hardly") == true)
    #expect(resolution.warning(heldBack: 5000, metric: agreement) == nil)
    #expect(resolution.warning(heldBack: 10, metric: Metric(.rSquared, output: "y")) == nil)
  }

  @Test func noNumberOfSamplesHelpsAPlanThatLosesTooMuch() {
    let resolution = Resolution(rule: rule, share: 1)
    #expect(resolution.samples(loss: 0.01, standardDeviation: 0.1, method: .exact) == nil)
    #expect(resolution.samples(loss: 0.5, standardDeviation: 0.1, method: .bootstrap) == nil)
  }

  @Test(arguments: [(0.0025, "0.25 %"), (0.1, "10 %"), (1, "100 %"), (0, "0 %")])
  func sharesAreShownShortly(_ share: Double, _ text: String) {
    #expect(percent(share) == text)
  }
}
