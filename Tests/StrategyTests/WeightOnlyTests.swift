import Candidates
import GraphIR
import Kernels
import TensorCore
import Testing

@testable import Passes

@Suite struct WeightOnlyTests {
  private static let given = """
    float[N, 5, 64] x; const float[64, 6] w; const float[6, 32] v; const float[64, 6] u; const float[6] b; \
    float[N, 64] f; const float[6, 64] t; const float[64, 64, 1] k; const float[8, 8] small
    """

  private func model(_ text: String) throws -> Model { try channelModel(text, given: Self.given) }

  private func quantized(
    _ text: String, by strategy: some ScheduleGenerator = WeightInt4(), input: String = "x",
    _ sample: [Int] = [5, 64]
  ) throws -> Model {
    var model = try model(text)
    let schedule = try #require(
      try strategy.schedule(
        for: model, keeping: [], activations: RuntimeActivations(model, input: input, sample)))
    try schedule.apply(first: schedule.steps.count, to: &model)
    try Verifier.verify(model)
    return model
  }

  @Test func aProductReadsPackedLevels() throws {
    let result = try quantized("y = MatMul(x, w)")
    let node = try #require(result.nodes(of: result.mainGraph).first)
    #expect(result.operatorName(of: node) == OperatorName("MatMulNBits", domain: "com.microsoft"))
    let shapes = (1...2).map { result.input($0, of: node).flatMap { result.constant($0) }?.dimensions }
    #expect(shapes == [[6, 2, 16], [6, 2]])
  }

  @Test func resultsAreThoseOfRoundedWeights() throws {
    let inputs = ["x": try normalTensor([7, 5, 64], seed: 1)]
    let text = "h = MatMul(x, w); y = Add(h, b)"
    let in4 = try quantized(text).relativeError(from: model(text), inputs)
    let in8 = try quantized(text, by: WeightInt8()).relativeError(from: model(text), inputs)
    #expect(in4 > 1e-4 && in4 < 2e-2)
    #expect(in8 > 0 && in8 < 1e-4)
  }

  @Test(arguments: ["y = Gemm(f, w, b)", "y = Gemm<transB = 1>(f, t, b)", "y = Gemm<transB = 1>(f, t)"])
  func gemmsAreProducts(_ text: String) throws {
    let result = try quantized(text, by: WeightInt8(), input: "f", [64])
    #expect(try result.relativeError(from: model(text), ["f": normalTensor([7, 64], seed: 2)]) < 1e-4)
  }

  /// Where the runtime has fast kernels with integers.
  @Test func largeMatricesQuantizeActivations() throws {
    func level(_ columns: Int, _ strategy: some ScheduleGenerator) throws -> Int? {
      var model = try channelModel(
        "y = MatMul(x, w)", given: "float[N, 256] x; const float[256, \(columns)] w")
      try strategy.schedule(for: model, keeping: [], activations: RuntimeActivations(model, [256]))?
        .apply(first: 1, to: &model)
      return model.nodes(of: model.mainGraph).first.flatMap { model.attribute("accuracy_level", of: $0)?.int }
    }
    #expect(try level(16, WeightInt4()) == 0)
    #expect(try level(256, WeightInt4()) == 4)
    #expect(try level(16, WeightInt8()) == 4)
  }

  @Test func aBlockMayBeShort() throws {
    let given = "float[N, 40] x; const float[40, 3] w"
    let original = try channelModel("y = MatMul(x, w)", given: given)
    var model = original
    try WeightInt4().schedule(for: model, keeping: [], activations: RuntimeActivations(model, [40]))?
      .apply(first: 1, to: &model)
    let node = try #require(model.nodes(of: model.mainGraph).first)
    #expect(model.input(1, of: node).flatMap { model.constant($0) }?.dimensions == [3, 2, 16])
    #expect(try model.relativeError(from: original, ["x": normalTensor([9, 40], seed: 3)]) < 2e-2)
  }

  @Test func eachStepCanBeTakenAlone() throws {
    let original = try model("p = MatMul(x, w); q = MatMul(x, u); y = Mul(p, q)")
    let schedule = try #require(
      try WeightInt4().schedule(
        for: original, keeping: [], activations: RuntimeActivations(original, [5, 64])))
    #expect(schedule.steps.count == 2)
    for step in schedule.steps.indices {
      var model = original
      try schedule.apply([step], to: &model)
      try Verifier.verify(model)
      let names = model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name }
      #expect(names.sorted() == ["MatMul", "MatMulNBits", "Mul"])
    }
  }

  @Test(arguments: ["y = MatMul(x, x)", "y = Conv(x, k)", "h = MatMul(x, w); s = Exp(h); y = MatMul(s, v)"])
  func convolutionsAndSmallMatricesStay(_ text: String) throws {
    let model = try channelModel(
      text,
      given: """
        float[N, 64, 64] x; const float[64, 6] w; const float[6, 32] v; const float[64, 64, 1] k
        """)
    let schedule = try WeightInt4().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, [64, 64], batches: 1, of: 4))
    #expect(schedule?.steps.count ?? 0 == (text.contains("(x, w)") ? 1 : 0))
  }

  @Test func weightsThatAreNoNumbersStay() throws {
    let given = "float[N, 32] x; const float[32, 1] w in 0.0...1.0"
    var model = try channelModel("y = MatMul(x, w)", given: given)
    let value = try #require(model.node("y").flatMap { model.input(1, of: $0) })
    let broken = try Tensor(float32: [.nan] + [Float](repeating: 1, count: 31), [32, 1])
    model.edit(as: "test") { $0.setConstant(value, to: broken) }
    let schedule = try WeightInt4().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, [32]))
    #expect(schedule == nil)
  }

  /// Rounding for what the layers give loses less than rounding each weight to its nearest level.
  @Test func roundingByCovarianceHelpsATransformer() throws {
    let corpus = try CorpusModel("glyph-vit")
    let schedule = try #require(
      try WeightInt4().schedule(for: corpus.model, keeping: [], activations: corpus.activations()))
    var compensated = corpus.model
    try schedule.apply(first: schedule.steps.count, to: &compensated)
    var nearest = corpus.model
    try nearest.roundWeights(to: -8...7) { BlockwiseProduct.canTake($0, block: 32, in: $1) ? 32 : nil }
    let (mine, plain) = (try corpus.loss(of: compensated), try corpus.loss(of: nearest))
    #expect(mine < 0.65 * plain)
  }
}
