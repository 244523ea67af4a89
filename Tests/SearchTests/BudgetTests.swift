import Evaluation
import Testing

@testable import Search

@Suite struct BudgetTests {
  @Test(arguments: [("1%", 0.01), ("0.5 %", 0.005), (" 0.01 ", 0.01), ("0", 0), ("100%", 1), ("1e-3", 0.001)])
  func readsSharesAndPercentages(_ text: String, _ limit: Double) throws {
    let budget = try #require(AccuracyBudget(parsing: text))
    #expect(abs(budget.limit - limit) < 1e-15)
  }

  @Test(arguments: ["", "%", "1%%", "-1%", "101%", "2", "nan", "inf", "one", "1 percent", "0x1p4"])
  func refusesEverythingElse(_ text: String) {
    #expect(AccuracyBudget(parsing: text) == nil)
  }

  @Test(arguments: [("95%", 0.95), ("0.99", 0.99), (" 50 % ", 0.5)])
  func readsConfidences(_ text: String, _ level: Double) {
    #expect(AccuracyBudget.confidence(parsing: text) == level)
  }

  @Test(arguments: ["", "95", "100%", "1", "49%", "-95%", "nan", "high"])
  func refusesWhatIsNoConfidence(_ text: String) {
    #expect(AccuracyBudget.confidence(parsing: text) == nil)
  }

  @Test func unboundedMetricsMayWorsenByAShareOfTheBaseline() {
    let budget = AccuracyBudget(limit: 0.01)
    #expect(budget.allowedLoss(of: Metric(.topAccuracy(k: 1), output: "y"), from: 0.5) == 0.01)
    #expect(budget.allowedLoss(of: Metric(.meanSquaredError, output: "y"), from: 50) == 0.5)
  }

  @Test func pairsTakeOutWhatAllSamplesShare() {
    let loss = PairedLoss([0.1, 0.3, 0.1, 0.3])
    #expect(abs(loss.mean - 0.2) < 1e-15)
    #expect(abs(loss.standardError - (0.04 / 3 / 4).squareRoot()) < 1e-12)
  }

  @Test func noDifferenceOnFewSamplesIsNotCertainty() {
    #expect(PairedLoss([]).standardError == .infinity)
    #expect(PairedLoss([0]).standardError > PairedLoss([0, 0, 0, 0]).standardError)
    #expect(PairedLoss([0, 0, 0, 0]).standardError > 0)
  }

  @Test func whereNothingMayBeLostNoSampleMayBecomeWorse() {
    #expect(PairedLoss([0, 0, -1]).isLossless)
    #expect(!PairedLoss([1, -1]).isLossless && !PairedLoss([]).isLossless)
  }

  @Test func theLedgerWeighsSamplesByTheWorkTheyTook() {
    var ledger = EvaluationLedger(samplesPerPass: 200)
    ledger.add(samples: 100, share: 1, stage: "baseline")
    ledger.add(samples: 100, share: 0.25, stage: "scoring")
    ledger.add(samples: 300, share: 0.25, stage: "scoring")
    #expect(ledger.entries.map(\.stage) == ["baseline", "scoring"])
    #expect(ledger.entries.map { ledger.passes(of: $0) } == [0.5, 0.5])
    #expect(ledger.passes == 1)
  }

  @Test func whatHasBeenRunIsCertain() {
    let half = PairedLoss([1, 0, 0, 0], population: 8)
    #expect(abs(half.errorOfRest - half.standardError / 2.squareRoot()) < 1e-12)
    #expect(half.errorOfRest == half.errorOfAll)
    #expect(PairedLoss([1, 0, 0, 0], population: 4).errorOfRest == 0)
  }

  @Test func looksShareTheError() {
    #expect(Ladder.shares(0).isEmpty)
    #expect(Ladder.shares(1) == [1])
    #expect(Ladder.shares(4) == [0.5, 0.25, 0.125, 0.125])
    #expect(Ladder.shares(2, of: 0.5) == [0.25, 0.25])
  }
}

@Suite struct DataSplitTests {
  @Test(arguments: [1, 2, 8, 1001])
  func bothPartsTogetherAreAllSamples(_ count: Int) {
    let split = DataSplit(count: count, seed: 3)
    #expect((split.search + split.holdout).sorted() == Array(0..<count))
    #expect(abs(split.search.count - split.holdout.count) <= 1)
  }

  @Test func theSeedDecides() {
    let split = DataSplit(count: 100, seed: 1)
    #expect(DataSplit(count: 100, seed: 1).search == split.search)
    #expect(DataSplit(count: 100, seed: 2).search != split.search)
  }

  @Test func sortedClassesAreMixed() {
    let classes = DataSplit(count: 1000, seed: 0).search.count { $0 < 500 }
    #expect((200...300).contains(classes))
  }
}
