import Candidates
import GraphIR
import ONNXFormat
import TensorCore
import Testing

@testable import Passes

@Suite struct StorageTests {
  private static let given = """
    float[N, 4, 6, 6] x; const float[8, 4, 3, 3] w; const float[8] b; const float[8, 1, 3, 3] d; \
    float[N, 16] f; const float[16, 8] m; const float[8, 16] t; const float[8, 8] u
    """

  private func applied(
    _ strategy: some ScheduleGenerator, to text: String, input: String = "x", _ sample: [Int] = [4, 6, 6]
  ) throws -> (original: Model, stored: Model) {
    let original = try channelModel(text, given: Self.given, opset: 17)
    let schedule = try #require(
      try strategy.schedule(
        for: original, keeping: [], activations: RuntimeActivations(original, input: input, sample)))
    var model = original
    try schedule.apply(first: schedule.steps.count, to: &model)
    try Verifier.verify(model)
    for step in schedule.steps.indices {
      var alone = original
      try schedule.apply([step], to: &alone)
      try Verifier.verify(alone)
    }
    return (original, model)
  }

  @Test(arguments: [
    "y = Conv(x, w)", "y = Conv(x, w, b)", "h = Conv(x, w, b); y = Conv<group = 8>(h, d)",
  ])
  func convolutionsKeepTheirResults(_ text: String) throws {
    let (original, stored) = try applied(StoredInt4(), to: text)
    let error = try stored.relativeError(from: original, ["x": normalTensor([9, 4, 6, 6], seed: 1)])
    #expect(error > 1e-4 && error < 3e-2)
    #expect(stored.header.opset() == 21)
  }

  @Test(arguments: [
    "y = MatMul(f, m)", "y = Gemm(f, m, b)", "y = Gemm<transB = 1>(f, t)",
    "h = MatMul(f, m); y = MatMul(h, u)",
  ])
  func productsKeepTheirResults(_ text: String) throws {
    let (original, stored) = try applied(StoredInt4(), to: text, input: "f", [16])
    let error = try stored.relativeError(from: original, ["f": normalTensor([9, 16], seed: 1)])
    #expect(error > 1e-4 && error < 3e-2)
  }

  /// It runs what it runs without.
  @Test(arguments: ["y = Conv(x, w, b)", "h = Conv(x, w); y = Relu(h)"])
  func theRuntimeUnpacksWhenItLoads(_ text: String) throws {
    let int4 = try applied(StoredInt4(), to: text)
    #expect(try int4.stored.fusedOperators() == int4.original.fusedOperators())
    let half = try applied(StoredFloat16(), to: text)
    #expect(try half.stored.fusedOperators() == half.original.fusedOperators())
  }

  @Test func weightsWithTwoReadersStay() throws {
    let model = try channelModel("p = MatMul(f, m); q = MatMul(f, m); y = Mul(p, q)", given: Self.given)
    let schedule = try StoredInt4().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, input: "f", [16]))
    #expect(schedule == nil)
  }

  @Test func halfPrecisionTakesHalfTheBytes() throws {
    let (original, stored) = try applied(StoredFloat16(), to: "h = Conv(x, w, b); y = Conv<group = 8>(h, d)")
    let error = try stored.relativeError(from: original, ["x": normalTensor([9, 4, 6, 6], seed: 1)])
    #expect(error > 0 && error < 1e-6)
    // The biases are too few.
    #expect(
      stored.nodes(of: stored.mainGraph).map { stored.operatorName(of: $0).name } == [
        "Cast", "Cast", "Conv", "Conv",
      ])
  }

  /// Weights that passes made have no names; where they are read tells which they are.
  @Test func stepsOfHalfPrecisionNameTheirReaders() throws {
    let model = try channelModel("y = MatMul(x, w)", given: "float[N, 64] x; const float[64, 8] w")
    let schedule = try StoredFloat16().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, [64]))
    let reader = try #require(model.nodes(of: model.mainGraph).first)
    #expect(schedule?.steps.map(\.title) == [model.label(of: reader) + ": B"])
  }

  @Test func numbersBeyondHalfPrecisionStay() throws {
    let given = "float[N, 64] x; const float[64] w in 100000.0...200000.0"
    let model = try channelModel("y = Mul(x, w)", given: given)
    let schedule = try StoredFloat16().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, [64]))
    #expect(schedule == nil)
  }

  @Test func theyAreLeftOutWhereBytesDoNotCount() {
    let names = StrategyRegistry.builtIn.makeStrategies(named: [], forStorage: false).map {
      type(of: $0).name
    }
    #expect(!names.contains("stored-int4") && names.contains("static-int8"))
    let named = StrategyRegistry.builtIn.makeStrategies(named: ["stored-int4"], forStorage: false)
    #expect(named.count == 1)
  }

  @Test func whatIsNoDefaultHasToBeNamed() {
    let names = StrategyRegistry.builtIn.makeStrategies(named: []).map { type(of: $0).name }
    #expect(!names.contains("linear-replacement") && names.contains("ablation"))
    #expect(StrategyRegistry.builtIn.makeStrategies(named: ["linear-replacement"]).count == 1)
  }

  /// A residual network in 4 bits: rounding each weight to its nearest level loses more than twice as much.
  @Test func aResidualNetworkTakesAnEighth() throws {
    let corpus = try CorpusModel("glyph-resnet")
    var model = corpus.model
    let schedule = try #require(
      try StoredInt4().schedule(for: model, keeping: [], activations: corpus.activations()))
    try schedule.apply(first: schedule.steps.count, to: &model)
    var nearest = corpus.model
    try nearest.roundWeights(to: -8...7) { layer, _ in layer.weights.elementCount / layer.channels }
    let (mine, plain) = (try corpus.loss(of: model), try corpus.loss(of: nearest))
    #expect(mine < 0.5 * plain)
    #expect(try Double(model.byteCount()) < 0.15 * Double(corpus.model.byteCount()))
  }
}
