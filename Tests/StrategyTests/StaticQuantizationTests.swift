import Candidates
import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@testable import Passes

@Suite struct StaticQuantizationTests {
  private static let given = """
    float[2, 2, 3, 3] x; const float[2, 2, 1, 1] w = {1, -2, 3, 4}; const float[2] b = {0.5, -0.5}; \
    const float[2, 2, 1, 1] v = {0, 0, 1, 1}
    """

  private func model(_ text: String, given: String = given, opset: Int = 17) throws -> Model {
    var model = try Model(NamedModel(example: text, given: given, opset: opset))
    ShapeInference.run(on: &model)
    return model
  }

  /// Gives the first value numbers from −1 to 1, the next from −2 to 2, and so on.
  private struct Ramp: ActivationSource {
    let model: Model
    let sampleCount = 2
    var last: Float = 1

    func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
      try body(
        values.enumerated().map { index, value in
          let sizes = try #require(model.shape(of: value)?.fixedSizes)
          let count = sizes.reduce(1, *)
          var numbers = (0..<count).map { (Float($0) / Float(count - 1) * 2 - 1) * Float(index + 1) }
          numbers[count - 1] *= last
          return try Tensor(float32: numbers, sizes)
        })
    }
  }

  private func schedule(_ model: Model, keeping: Set<NodeID> = [], last: Float = 1) throws -> (any Schedule)?
  {
    try StaticQuantization().schedule(
      for: model, keeping: keeping, activations: Ramp(model: model, last: last))
  }

  private func operators(_ model: Model) -> [String] {
    model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name }
  }

  @Test func layersReadAndGiveBytes() throws {
    var model = try model("h = Conv(x, w, b); r = Relu(h); s = Conv(r, v); y = Exp(s)")
    let schedule = try #require(try schedule(model))
    #expect(schedule.steps.count == 2)
    try schedule.apply(first: 2, to: &model)
    try Verifier.verify(model)
    #expect(
      operators(model) == [
        "QuantizeLinear", "DequantizeLinear", "DequantizeLinear", "DequantizeLinear", "Conv", "Relu",
        "QuantizeLinear", "DequantizeLinear", "DequantizeLinear", "DequantizeLinear", "Conv",
        "QuantizeLinear",
        "DequantizeLinear", "Exp",
      ])
  }

  @Test func eachStepCanBeTakenAlone() throws {
    let original = try model("h = Conv(x, w, b); s = Conv(h, v); y = Exp(s)")
    let schedule = try #require(try schedule(original))
    for step in schedule.steps.indices {
      var model = original
      try schedule.apply([step], to: &model)
      try Verifier.verify(model)
      #expect(operators(model).count { $0 == "QuantizeLinear" } == 2)
    }
  }

  @Test func whatOnlyMovesBytesKeepsTheirScale() throws {
    var model = try model("h = Conv(x, w); m = MaxPool<kernel_shape = [1, 1]>(h); s = Conv(m, v); y = Exp(s)")
    try schedule(model)?.apply(first: 2, to: &model)
    let quantizers = model.nodes(of: model.mainGraph).filter {
      model.operatorName(of: $0).name == "QuantizeLinear"
    }
    let scales = quantizers.map { model.input(1, of: $0).flatMap { model.constant($0)?.scalarValue } }
    #expect(scales.count == 4 && scales[1] == scales[2])
  }

  @Test func channelsOfZerosHaveAScale() throws {
    var model = try model("s = Conv(x, v); y = Exp(s)")
    try schedule(model)?.apply(first: 1, to: &model)
    let conv = try #require(
      model.nodes(of: model.mainGraph).first { model.operatorName(of: $0).name == "Conv" })
    let weights = try #require(model.input(1, of: conv).flatMap { model.producer(of: $0) })
    let scales = try #require(model.input(1, of: weights).flatMap { model.constant($0) }).doubles()
    #expect(scales == [1, Double(Float(1) / 127)])
  }

  @Test func largeBiasesFitInto32Bits() throws {
    let given = Self.given + "; const float[2] huge = {1.0e9, 0}"
    var model = try model("s = Conv(x, w, huge); y = Exp(s)", given: given)
    try schedule(model)?.apply(first: 1, to: &model)
    let conv = try #require(
      model.nodes(of: model.mainGraph).first { model.operatorName(of: $0).name == "Conv" })
    let bias = try #require(model.input(2, of: conv).flatMap { model.producer(of: $0) })
    let levels = try #require(model.input(0, of: bias).flatMap { model.constant($0) }).doubles()
    let scales = try #require(model.input(1, of: bias).flatMap { model.constant($0) }).doubles()
    #expect(abs(levels[0] * scales[0] / 1e9 - 1) < 1e-3)
  }

  @Test func activationsThatAreNoNumbersStayAsTheyAre() throws {
    let model = try model("s = Conv(x, w); y = Exp(s)")
    #expect(try schedule(model, last: .nan) == nil)
    #expect(try schedule(model, last: .infinity) == nil)
  }

  @Test func keptNodesStay() throws {
    let model = try model("s = Conv(x, w); y = Exp(s)")
    #expect(try schedule(model, keeping: Set(model.nodes(of: model.mainGraph))) == nil)
  }

  /// The operator set is raised to the first whose quantizers take a scale for each channel.
  @Test(arguments: [9, 12, 13]) func oldOperatorSetsAreRaised(_ opset: Int) throws {
    var model = try model(
      "h = Conv(x, w); q = Squeeze<axes = [0]>(k); s = Conv(h, v); y = Add(s, q)",
      given: Self.given + "; float[1, 2, 2, 3, 3] k", opset: min(opset, 12))
    if opset == 13 { try model.raiseOpset(to: 13) }
    let original = model
    try schedule(model)?.apply(first: 2, to: &model)
    try Verifier.verify(model)
    #expect(model.header.opset() == 13)
    #expect(operators(model).count { $0 == "QuantizeLinear" } == 3)
    let inputs = [
      "x": try normalTensor([2, 2, 3, 3], seed: 5), "k": try normalTensor([1, 2, 2, 3, 3], seed: 6),
    ]
    // The ranges are not of these numbers: it is enough that the model runs.
    #expect(try model.relativeError(from: original, inputs) < 10)
  }

  /// What runs is integer kernels, and of the residual sums all but the last, which pooling reads: in the runtime's own
  /// optimized graph.
  @Test func aResidualNetworkRunsInIntegers() throws {
    let corpus = try CorpusModel("glyph-resnet")
    var model = corpus.model
    let schedule = try #require(
      try StaticQuantization().schedule(for: model, keeping: [], activations: corpus.activations()))
    try schedule.apply(first: schedule.steps.count, to: &model)
    let counts = try model.fusedOperators().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    #expect(counts["QLinearConv"] == 39 && counts["Conv"] == nil && counts["QGemm"] == 1)
    #expect(counts["QLinearAdd"] == 17 && counts["Add"] == 1 && counts["Relu"] == 1)
  }

  /// Ranges that cut off rare numbers cost a residual network most: 0.0127 where a sample of them was looked at.
  /// Rounding by the covariance of what layers read takes 0.16 of the rest.
  @Test func aResidualNetworkKeepsItsOutputs() throws {
    let corpus = try CorpusModel("glyph-resnet")
    var model = corpus.model
    let schedule = try #require(
      try StaticQuantization().schedule(for: model, keeping: [], activations: corpus.activations()))
    try schedule.apply(first: schedule.steps.count, to: &model)
    let loss = try corpus.loss(of: model)
    #expect(loss < 3.4e-4, "\(loss)")
  }
}
