import Candidates
import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@testable import Passes

@Suite struct AblationTests {
  /// `kind exit ← replacement: outputs of the nodes that go`.
  private func candidates(_ example: String, given: String = "float[N, 4] x, z") throws -> [String] {
    let model = try model(example, given: given)
    return try Ablation().candidates(for: model, activations: NoActivations()).map { candidate in
      let bypass = try #require(candidate.edit as? Bypass)
      let nodes = candidate.nodes.map { model.name(of: model.outputs(of: $0)[0]) }.joined(separator: " ")
      return "\(candidate.kind) \(model.name(of: bypass.exit)) ← "
        + "\(model.name(of: bypass.replacement)): \(nodes)"
    }
  }

  /// Of a candidate that removes one node.
  private func name(ofExit candidate: Candidate, _ model: Model) -> String? {
    guard candidate.nodes.count == 1, let bypass = candidate.edit as? Bypass else { return nil }
    return model.name(of: bypass.exit)
  }

  private func model(_ example: String, given: String) throws -> Model {
    var model = try Model(NamedModel(example: example, given: given))
    ShapeInference.run(on: &model)
    return model
  }

  @Test func aResidualBlockLosesItsBranchOrItsSkipConnection() throws {
    let found = try candidates("b = Relu(x); y = Add(x, b)")
    #expect(found.prefix(2) == ["branch y ← x: b y", "skip y ← b: y"])
  }

  @Test func layersWhoseTypeChangesStay() throws {
    let found = try candidates("h = MatMul(x, w); r = Relu(h)", given: "float[N, 4] x; const float[4, 3] w")
    #expect(found == ["layer r ← h: r"])
  }

  @Test func broadcastingJoinsKeepTheLargerSide() throws {
    let found = try candidates("b = Relu(z); y = Add(x, b)", given: "float[N, 4] x; float[1, 4] z")
    #expect(found.first == "branch y ← x: b y")
    #expect(!found.contains { $0.hasPrefix("skip y ← b") })
  }

  @Test func eachBypassIsProposedOnce() throws {
    let found = try candidates("a = Relu(x); b = Neg(a); y = Add(x, b)")
    #expect(Set(found).count == found.count)
    #expect(found.count(where: { $0.contains("y ← x") }) == 1)
  }

  @Test func identitiesAreLeftToExactPasses() throws {
    #expect(try candidates("y = Identity(x)").isEmpty)
  }

  @Test func titlesAreUnique() throws {
    let model = try model("a = Relu(x); b = Relu(a); c = Relu(b); y = Relu(c)", given: "float[N, 4] x")
    let titles = try Ablation().candidates(for: model, activations: NoActivations()).map(\.title)
    #expect(Set(titles).count == titles.count && titles.count > 4)
  }

  @Test func savingsCountWhatOnlyTheRemovedNodesRead() throws {
    let given = "float[N, 4] x; const float[4, 4] w; const float[4] c"
    let model = try model("h = MatMul(x, w); a = Add(h, c); y = Mul(a, c)", given: given)
    let product = try Ablation().candidates(for: model, activations: NoActivations()).first {
      $0.nodes.count == 1
    }
    #expect(product?.saving == Saving(nodes: 1, parameters: 16, bytes: 64, macs: 16))
  }

  @Test func applyingFollowsWhatEarlierCandidatesReplaced() throws {
    var model = try model("a = Relu(x); b = Neg(a); c = Abs(b)", given: "float[N, 4] x")
    let all = try Ablation().candidates(for: model, activations: NoActivations())
    let negation = try #require(all.first { name(ofExit: $0, model) == "b" })
    let relu = try #require(all.first { name(ofExit: $0, model) == "a" })
    try relu.apply(to: &model)
    try negation.apply(to: &model)
    #expect(model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name } == ["Abs"])
    try Verifier.verify(model)
  }

  @Test func whatIsGoneCannotBeRemovedAgain() throws {
    var model = try model("a = Relu(x); b = Neg(a)", given: "float[N, 4] x")
    let candidate = try #require(try Ablation().candidates(for: model, activations: NoActivations()).first)
    try candidate.apply(to: &model)
    let edition = model.edition
    #expect(throws: ModelError.self) { try candidate.apply(to: &model) }
    #expect(model.edition == edition)
  }
}

/// Of a model that cannot be run.
struct NoActivations: ActivationSource {
  let sampleCount = 0

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {}
}
