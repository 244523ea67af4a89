import Candidates
import GraphIR
import TensorCore
import Testing

@testable import Passes

@Suite struct DynamicQuantizationTests {
  private static let given = """
    float[N, 5, 8] x; const float[8, 6] w; const float[6, 6] v; const float[8, 6] u; const float[6] b; float[N, 8] f; \
    const float[6, 8] t; const float[6, 8, 1] k
    """

  private func model(_ text: String, opset: Int = 17) throws -> Model {
    try channelModel(text, given: Self.given, opset: opset)
  }

  private func schedule(
    _ model: Model, keeping: Set<NodeID> = [], input: String = "x", _ sample: [Int] = [5, 8]
  ) throws -> (any Schedule)? {
    try DynamicQuantization().schedule(
      for: model, keeping: keeping, activations: RuntimeActivations(model, input: input, sample))
  }

  private func quantized(_ text: String, input: String = "x", _ sample: [Int] = [5, 8]) throws -> Model {
    var model = try model(text)
    let schedule = try #require(try schedule(model, input: input, sample))
    try schedule.apply(first: schedule.steps.count, to: &model)
    try Verifier.verify(model)
    return model
  }

  @Test func productsWithTheirBiasAreOneKernel() throws {
    let result = try quantized("h = MatMul(x, w); y = Add(h, b)")
    #expect(try result.fusedOperators() == ["DynamicQuantizeMatMul"])
    let error = try result.relativeError(
      from: model("h = MatMul(x, w); y = Add(h, b)"), ["x": normalTensor([7, 5, 8], seed: 1)])
    #expect(error > 0 && error < 1e-3)
  }

  @Test(arguments: ["y = Gemm(f, w, b)", "y = Gemm<transB = 1>(f, t, b)", "y = Gemm<transB = 1>(f, t)"])
  func gemmsAreProducts(_ text: String) throws {
    let result = try quantized(text, input: "f", [8])
    #expect(try result.fusedOperators() == ["DynamicQuantizeMatMul"])
    let error = try result.relativeError(from: model(text), ["f": normalTensor([7, 8], seed: 2)])
    #expect(error > 0 && error < 1e-3)
  }

  @Test func productsOfOneValueShareItsBytes() throws {
    let result = try quantized("p = MatMul(x, w); q = MatMul(x, u); y = Mul(p, q)")
    #expect(
      try result.fusedOperators() == [
        "DynamicQuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat", "Mul",
      ])
  }

  @Test func eachStepCanBeTakenAlone() throws {
    let original = try model("h = MatMul(x, w); r = Relu(h); y = MatMul(r, v)")
    let schedule = try #require(try schedule(original))
    #expect(schedule.steps.count == 2)
    for step in schedule.steps.indices {
      var model = original
      try schedule.apply([step], to: &model)
      try Verifier.verify(model)
      #expect(try model.fusedOperators().count { $0 == "MatMul" } == 1)
      #expect(try model.relativeError(from: original, ["x": normalTensor([3, 5, 8], seed: 3)]) < 1e-3)
    }
  }

  @Test func oldOperatorSetsAreRaised() throws {
    let original = try model("y = MatMul(x, w)", opset: 10)
    var raised = original
    try schedule(original)?.apply(first: 1, to: &raised)
    #expect(raised.header.opset() == 11)
    #expect(try raised.relativeError(from: original, ["x": normalTensor([3, 5, 8], seed: 3)]) < 1e-3)
  }

  @Test func aColumnOfZerosStaysZero() throws {
    let given = "float[N, 2] x; const float[2, 2] w = {1, 0, 2, 0}"
    let original = try channelModel("y = MatMul(x, w)", given: given, opset: 17)
    var model = original
    try schedule(original, [2])?.apply(first: 1, to: &model)
    let rows = try model.run(["x": normalTensor([4, 2], seed: 4)])[0].doubles()
    #expect(stride(from: 1, to: 8, by: 2).allSatisfy { rows[$0] == 0 })
  }

  @Test func whatItIsNotForStays() throws {
    #expect(try schedule(model("y = Conv(x, k)"), [5, 8]) == nil)
    #expect(try schedule(model("y = MatMul(x, x)"), [5, 8]) == nil)
    #expect(try schedule(model("y = Gemm<alpha = 2.0>(f, w, b)"), input: "f", [8]) == nil)
    let product = try model("y = MatMul(x, w)")
    #expect(try schedule(product, keeping: Set(product.nodes(of: product.mainGraph))) == nil)
  }

  @Test func weightsThatAreNoNumbersStay() throws {
    let given = "float[N, 2] x; const float[2, 2] w = {1, nan, 2, 0}; const float[2, 2] v = {1, 2, 2, 0}"
    let model = try channelModel("h = MatMul(x, v); y = MatMul(h, w)", given: given, opset: 17)
    let schedule = try DynamicQuantization().schedule(
      for: model, keeping: [], activations: RuntimeActivations(model, [2]))
    #expect(schedule == nil || schedule?.steps.allSatisfy { $0.predictedError.isFinite } == true)
  }
}
