import Candidates
import GraphIR
import Testing

@testable import Passes
@testable import Search

@Suite struct RankingTests {
  private func scored(
    _ model: Model, _ exit: String, macs: Int, loss: Double?, distortion: Double? = nil
  ) throws -> ScoredCandidate {
    let value = try #require(model.value(exit))
    let node = try #require(model.producer(of: value))
    let candidate = Candidate(
      strategy: "test", kind: "layer", title: exit, nodes: [node],
      edit: Bypass(exit: value, replacement: try #require(model.value("x"))),
      saving: Saving(nodes: 1, parameters: 0, macs: macs))
    return ScoredCandidate(
      candidate: candidate, samples: 100, loss: loss, bareLoss: loss, distortion: distortion)
  }

  @Test func moreGainForLessLossComesFirst() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); c = Abs(b); d = MatMul(c, w)", given: Self.given)
    let list = [
      try scored(model, "a", macs: 4, loss: 0.1), try scored(model, "b", macs: 8, loss: 0.1),
      try scored(model, "c", macs: 8, loss: 0.01),
    ]
    let ranking = Ranking(list, base: model)
    #expect(list.sorted { ranking.precedes($0, $1) }.map(\.candidate.title) == ["c", "b", "a"])
  }

  @Test func distortionsDecideBetweenEqualLosses() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); c = Abs(b); d = MatMul(c, w)", given: Self.given)
    let list = [
      try scored(model, "a", macs: 8, loss: 0.02, distortion: 0.5),
      try scored(model, "b", macs: 8, loss: 0.02, distortion: 0.1),
    ]
    let ranking = Ranking(list, base: model)
    #expect(list.sorted { ranking.precedes($0, $1) }.map(\.candidate.title) == ["b", "a"])
  }

  @Test func equalsKeepTheOrderOfTheGraph() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); c = Abs(b); d = MatMul(c, w)", given: Self.given)
    let list = try ["c", "a", "b"].map { try scored(model, $0, macs: 8, loss: 0.02) }
    let ranking = Ranking(list, base: model)
    #expect(list.sorted { ranking.precedes($0, $1) }.map(\.candidate.title) == ["a", "b", "c"])
  }

  @Test func whatCouldNotBeTriedIsAssumedToLoseAll() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); c = Abs(b); d = MatMul(c, w)", given: Self.given)
    let ranking = Ranking([], base: model)
    #expect(ranking.loss(of: try scored(model, "a", macs: 1, loss: nil)) == 1)
    #expect(ranking.loss(of: try scored(model, "a", macs: 1, loss: -0.5)) == 1e-4)
  }

  private static let given = "float[N, 4] x; const float[4, 4] w"
}
