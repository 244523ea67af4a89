import Evaluation
import GraphIR
import Testing

@testable import Search

@Suite struct SearchTests {
  @Test func aPlantedUselessBlockIsFound() throws {
    let result = try SearchFixture.planted.run()
    let outcome = result.outcome
    #expect(outcome.confirmation.isWithinBudget && !outcome.planFailed)
    #expect(outcome.confirmation.looks.count == 1 && outcome.confirmation.acceptedLook != nil)
    #expect(outcome.metric.kind == .agreement)
    #expect(!outcome.result.operators.contains("Tanh"), "\(outcome.result.operators)")
    #expect(outcome.result.operators.contains("Relu"))
    #expect(outcome.exact.operators.contains("Tanh"))
  }

  @Test func whatIsIndispensableStays() throws {
    let outcome = try SearchFixture.indispensable.run().outcome
    #expect(outcome.steps.isEmpty && !outcome.planFailed && outcome.confirmation.isWithinBudget)
    #expect(outcome.result.operators == outcome.exact.operators)
    #expect(outcome.confirmation.loss == 0)
    #expect(!outcome.scored.isEmpty, "what was tried is told, though nothing came of it")
  }

  @Test func aPlanThatFailsOnHeldBackSamplesEndsWithTheExactModel() throws {
    var fixture = SearchFixture.deceptive
    for index in fixture.x.indices { fixture.x[index][3] = 0 }
    for index in DataSplit(count: 400, seed: 0).holdout { fixture.x[index][3] = 10 }
    let outcome = try fixture.run().outcome
    #expect(outcome.planFailed && outcome.steps.isEmpty)
    #expect(outcome.confirmation.looks.map(\.isAccepted) == [false])
    #expect(outcome.result.operators == outcome.exact.operators)
    #expect(outcome.notes.contains { $0.contains("looked at once, of at most 1") })
  }

  /// Labels and inputs of held-back samples change; whatever was chosen must not.
  @Test(arguments: [nil, 0.8])
  func noChoiceSawTheHeldBackSamples(confidence: Double?) throws {
    var fixture = SearchFixture.planted
    fixture.confidence = confidence
    if confidence != nil { fixture.budget = 0.2 }
    fixture.labels = fixture.x.indices.map { index in
      let magnitudes = fixture.x[index].map { abs($0) }
      return 3 - (magnitudes.firstIndex(of: magnitudes.max() ?? 0) ?? 0)
    }
    let first = try fixture.run()
    for (number, index) in DataSplit(count: 400, seed: 0).holdout.enumerated() {
      fixture.x[index] = fixture.x[index].map { $0 * 2 + 0.25 }
      if number.isMultiple(of: 3) { fixture.labels?[index] = number % 4 }
    }
    let second = try fixture.run()
    #expect(summary(first.outcome) == summary(second.outcome))
    #expect(!first.outcome.steps.isEmpty)
    #expect(first.optimized == second.optimized)
    #expect(first.outcome.confirmation.baselineMetric != second.outcome.confirmation.baselineMetric)
  }

  /// No stage but the confirmation runs a held-back sample, and that one runs no other.
  @Test(arguments: [SearchFixture.planted, .indispensable, .deceptive])
  func onlyTheConfirmationRunsHeldBackSamples(fixture: SearchFixture) throws {
    let outcome = try fixture.run().outcome
    let split = DataSplit(count: fixture.x.count, seed: fixture.seed)
    let data = try #require(outcome.ledger.accesses.first { $0.stage == "baseline" }).dataset
    let accesses = outcome.ledger.accesses.filter { $0.dataset == data }
    #expect(accesses.count > 2)
    for access in accesses {
      let allowed = access.stage == "confirmation" ? split.holdout : split.search
      #expect(access.samples.isSubset(of: allowed), "\(access.stage)")
    }
    #expect(accesses.last { $0.stage == "confirmation" }?.samples == Set(split.holdout))
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    var fixture = SearchFixture.planted
    fixture.seed = 5
    let first = try fixture.run()
    let second = try fixture.run()
    #expect(summary(first.outcome) == summary(second.outcome))
    #expect(first.optimized == second.optimized)
    #expect(first.outcome.ledger.entries == second.outcome.ledger.entries)
  }

  /// Else the worker outlives the search, and what it has used is not told to whoever waits for this process.
  @Test func aSearchThatIsOverKeepsNoWorker() throws {
    var fixture = SearchFixture(
      text: """
        h = MatMul(x, a); r = Relu(h); s = MatMul(r, b); \
        c = MatMul(s, tiny); t = Tanh(c); d = MatMul(t, back); sum = Add(s, d); y = MatMul(sum, last)
        """,
      given: """
        float[N, 4] x; const float[4, 256] a in -1.0...1.0; const float[256, 8] b in -1.0...1.0; \
        const float[8, 8] tiny in -0.001...0.001; const float[8, 8] back in -0.01...0.01; const float[8, 4] last in -1.0...1.0
        """,
      x: SearchFixture.rows(400))
    fixture.strategies = ["ablation", "stored-float16"]
    fixture.objective = .bytes
    let result = try fixture.run()
    #expect(result.outcome.steps.contains { $0.candidate.strategy == "stored-float16" })
    #expect(result.client == nil)
  }

  @Test func aWorkerThatCrashesCostsOneTrial() throws {
    var fixture = SearchFixture.planted
    // By then, the baseline's sessions and those of the activations are made.
    fixture.workerFault = "crash-on-session:14"
    let result = try fixture.run()
    #expect(result.losses > 0)
    #expect(result.outcome.confirmation.isWithinBudget)
  }

  @Test(arguments: [("scoring", 0), ("combining", 0), ("confirming", 1), ("measuring", 1)])
  func anInterruptedSearchEndsWithWhatItHas(stage: String, steps: Int) throws {
    var fixture = SearchFixture.planted
    fixture.interruptedStage = stage
    let outcome = try fixture.run().outcome
    #expect(outcome.wasInterrupted && !outcome.planFailed && outcome.confirmation.isWithinBudget)
    #expect(outcome.steps.count >= steps && (steps > 0 || outcome.steps.isEmpty))
    #expect(outcome.scored.allSatisfy { $0.failure == nil })
    #expect(outcome.notes.contains { $0.hasPrefix("the search was interrupted") })
  }

  @Test(arguments: ["exact passes", "baseline"])
  func anInterruptBeforeTheBaselineLeavesNoResult(stage: String) {
    var fixture = SearchFixture.planted
    fixture.interruptedStage = stage
    let error = #expect(throws: ModelError.self) { try fixture.run() }
    #expect(error?.description.contains("interrupted before the original was measured") == true)
  }

  /// Everything that was decided or measured before the confirmation.
  private func summary(_ outcome: SearchOutcome) -> [String] {
    outcome.steps.map { "\($0.candidate.title) \($0.lossAfter) \($0.lossOfStep)" }
      + outcome.scored.map {
        "\($0.candidate.title) \($0.samples) \($0.loss as Any) \($0.bareLoss as Any) \($0.distortion as Any)"
      }
      + ["\(outcome.searchMetric)"]
  }
}
