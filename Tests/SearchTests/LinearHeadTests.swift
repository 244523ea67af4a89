import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Search

@Suite struct LinearHeadTests {
  static let given = """
    float[N, 4] x; float[N, 5, 4] cube; const float[4, 3] w; const float[3, 4] t; const float[3] b; const float s = 0.5; \
    const float[4, 3] rows
    """

  @Test(arguments: [
    "h = Relu(x); y = Gemm(h, w)", "h = Relu(x); y = Gemm(h, w, b)",
    "h = Relu(x); y = Gemm<transB = 1>(h, t, b)",
    "h = Relu(x); y = Gemm(h, w, s)", "h = Relu(x); y = MatMul(h, w)",
    "h = Relu(x); m = MatMul(h, w); y = Add(m, b)", "h = Relu(x); m = MatMul(h, w); y = Add(b, m)",
  ])
  func computesWhatTheModelComputes(_ text: String) throws {
    var model = try typedModel(text, given: Self.given)
    let head = try #require(LinearHead.find(above: model.outputs(of: model.mainGraph)[0], in: model))
    #expect(model.name(of: head.features) == "h" && model.name(of: head.output) == "y")
    let x = try Tensor(float32: noise(20), [5, 4])
    let features = try #require(Matrix(x.relu()))
    let parameters = try head.parameters(in: model)
    expectClose(try model.run(["x": x]), try parameters.applied(to: features))

    var other = parameters
    other.weights.values = noise(12, seed: 7).map(Double.init)
    other.bias = [3, -1, 0.25]
    try head.setParameters(other, in: &model)
    try Verifier.verify(model)
    expectClose(try model.run(["x": x]), try other.applied(to: features))
  }

  @Test(arguments: ["Softmax(z)", "LogSoftmax(z)", "Sigmoid(z)", "Identity(z)", "Clip(z, s)"])
  func isFoundBehindNormalization(_ tail: String) throws {
    let model = try typedModel("z = Gemm(x, w, b); y = \(tail)", given: Self.given)
    let head = try #require(LinearHead.find(above: model.outputs(of: model.mainGraph)[0], in: model))
    #expect(model.name(of: head.output) == "z" && model.name(of: head.features) == "x")
  }

  @Test(arguments: [
    "y = Relu(x)", "z = Gemm(x, w); y = Relu(z)", "y = Gemm<alpha = 2.0>(x, w)", "y = MatMul(cube, w)",
    "y = MatMul(x, v)", "y = Gemm(x, w, c)", "y = Gemm<transA = 1>(x4, w)", "y = ArgMax(x)",
  ])
  func everythingElseHasNone(_ text: String) throws {
    let model = try typedModel(text, given: Self.given + "; float[4, 3] v; float[N, 3] c; float[4, 4] x4")
    #expect(LinearHead.find(above: model.outputs(of: model.mainGraph)[0], in: model) == nil)
  }

  @Test func biasesOfEachRowAreNoBiasesOfTheLayer() throws {
    let given = "float[2, 4] x; const float[4, 3] w; const float[2, 3] rows; const float[2, 1] column"
    for text in ["y = Gemm(x, w, rows)", "y = Gemm(x, w, column)", "m = MatMul(x, w); y = Add(m, rows)"] {
      let model = try typedModel(text, given: given)
      #expect(LinearHead.find(above: model.outputs(of: model.mainGraph)[0], in: model) == nil, "\(text)")
    }
  }

  @Test func sharedWeightsChangeForTheHeadAlone() throws {
    var model = try typedModel(
      "a = MatMul(x, w); r = Relu(a); y = Gemm(r, w)", given: "float[N, 3] x; const float[3, 3] w")
    let head = try #require(LinearHead.find(above: model.outputs(of: model.mainGraph)[0], in: model))
    try head.setParameters(
      LinearMap(weights: Matrix(rows: 3, columns: 3, [Double](repeating: 0, count: 9)), bias: [1, 2, 3]),
      in: &model)
    let first = model.nodes(of: model.mainGraph)[0]
    #expect(model.input(1, of: first) == head.weight)
    #expect(try model.run(["x": Tensor(float32: [1, 1, 1], [1, 3])]).doubles() == [1, 2, 3])
  }

  private func expectClose(
    _ tensor: Tensor, _ matrix: Matrix, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let values = (try? tensor.doubles()) ?? []
    #expect(tensor.dimensions == [matrix.rows, matrix.columns], sourceLocation: sourceLocation)
    #expect(zip(values, matrix.values).allSatisfy { abs($0 - $1) < 1e-5 }, sourceLocation: sourceLocation)
  }
}

extension Tensor {
  fileprivate func relu() throws -> Tensor {
    try Tensor(.float32, rounding: doubles().map { max($0, 0) }, dimensions)
  }
}
