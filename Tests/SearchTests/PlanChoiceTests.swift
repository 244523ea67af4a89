import Candidates
import GraphIR
import Testing

@testable import Search

@Suite struct PlanChoiceTests {
  private struct Nothing: CandidateEdit {
    func apply(to model: inout Model, as name: String) throws {}
  }

  /// A plan of this loss; its title begins with its share of the exact model's cost.
  private func plan(_ share: Double, loss: Double) throws -> PlanState {
    let model = try typedModel("y = Neg(x)")
    guard share < 1 else { return PlanState(model: model) }
    let candidate = Candidate(
      strategy: "\(share)", kind: "region", title: "", nodes: [], edit: Nothing(), saving: Saving())
    return PlanState(
      model: model, steps: [AppliedStep(candidate: candidate, lossAfter: loss, lossOfStep: loss)])
  }

  private let choice = PlanChoice(rank: Self.share, isGain: { Self.share(of: $0) < 1 })

  private static func share(of plan: PlanState) -> Double {
    Double(plan.steps.first?.candidate.strategy ?? "") ?? 1
  }

  private func shares(_ plans: [PlanState]) -> [Double] { plans.map(Self.share) }

  @Test func thoseThatAnotherBeatsInBothAreNotKept() throws {
    let plans = [
      try plan(1, loss: 0), try plan(0.5, loss: 0.004), try plan(0.6, loss: 0.005),
      try plan(0.3, loss: 0.009),
    ]
    #expect(shares(choice.front(of: plans)) == [1, 0.5, 0.3])
  }

  @Test func furtherChangesStartFromTheCheapestAndFromOneThatHasSpentLittle() throws {
    let exact = try plan(1, loss: 0)
    let plans = [exact, try plan(0.8, loss: 0.001), try plan(0.5, loss: 0.004), try plan(0.3, loss: 0.009)]
    #expect(shares(choice.bases(of: plans, losing: 0.005)) == [0.5, 0.3])
    #expect(shares(choice.bases(of: plans, losing: 0.003)) == [0.8, 0.3])
    #expect(shares(choice.bases(of: plans, losing: 0.01)) == [0.5, 0.3], "the cheapest only once")
    #expect(shares(choice.bases(of: plans, losing: 0.0001)) == [1, 0.3], "the exact model loses nothing")
    #expect(shares(choice.bases(of: [exact], losing: 0.005)) == [1])
  }

  @Test func eachFallBackLosesAtMostThreeQuarters() throws {
    let plans = [
      try plan(1, loss: 0), try plan(0.9, loss: 0.001), try plan(0.5, loss: 0.004),
      try plan(0.35, loss: 0.008),
      try plan(0.3, loss: 0.009),
    ]
    #expect(shares(choice.ladder(of: plans)) == [0.3, 0.5, 0.9])
    #expect(shares(choice.ladder(of: plans, rungs: 2)) == [0.3, 0.5])
  }

  @Test func fewSamplesTellLittle() throws {
    var lucky = try plan(0.3, loss: -0.001)
    lucky.standardError = 0.006
    let sure = try plan(0.4, loss: 0.004)
    #expect(shares(choice.ladder(of: [sure, lucky])) == [0.3])
    #expect(try shares(choice.ladder(of: [sure, lucky, plan(0.8, loss: 0.002)])) == [0.3, 0.8])
  }

  @Test func whatGainsNothingIsNoPlan() throws {
    #expect(try choice.ladder(of: [plan(1, loss: 0), plan(0.999, loss: 0)]).count == 1)
    #expect(try choice.ladder(of: [plan(1, loss: 0)]).isEmpty)
  }

  @Test func plansThatGainSamplesNeedNotLoseEvenLess() throws {
    let plans = [try plan(0.2, loss: -0.001), try plan(0.4, loss: -0.001), try plan(0.5, loss: -0.002)]
    #expect(shares(choice.ladder(of: plans)) == [0.2, 0.5])
  }
}
