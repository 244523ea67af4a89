import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Passes

@Suite struct LowRankTests {
  private static let given = """
    float[N, 5, 48] x; const float[48, 64] w; const float[64] b; float[N, 48] f; const float[64, 48] t
    float[N, 16, 9, 9] i; const float[64, 16, 3, 3] k; const float[64, 8, 3, 3] grouped; const float[8, 48] narrow
    """

  private func schedule(_ model: Model, _ activations: any ActivationSource, keeping: Set<NodeID> = []) throws
    -> (any Schedule)?
  {
    try LowRank().schedule(for: model, keeping: keeping, activations: activations)
  }

  /// Lets the weights of `y` have rank 8.
  private func withLowRank(_ text: String) throws -> Model {
    var model = try channelModel(text, given: Self.given)
    let value = try #require(model.node("y").flatMap { model.input(1, of: $0) })
    let tensor = try #require(model.constant(value)), rows = tensor.dimensions[0]
    var random = RandomSource(seed: 3)
    let left = Matrix(rows: rows, columns: 8, random.normals(rows * 8))
    let columns = tensor.elementCount / rows
    let product = try left.multiplied(by: Matrix(rows: 8, columns: columns, random.normals(8 * columns)))
    let weights = try Tensor(.float32, rounding: product.values, tensor.dimensions)
    model.edit(as: "test") { $0.setConstant(value, to: weights) }
    return model
  }

  @Test(arguments: [
    ("y = MatMul(x, w)", "x", [5, 48], ["MatMul", "MatMul"]),
    ("y = Gemm(f, w, b)", "f", [48], ["MatMul", "Gemm"]),
    ("y = Gemm<transB = 1>(f, t)", "f", [48], ["MatMul", "Gemm"]),
    (
      "y = Conv<strides = [2, 1], pads = [1, 0, 1, 2], dilations = [1, 2]>(i, k, b)", "i", [16, 9, 9],
      ["Conv", "Conv"]
    ),
    ("y = Conv<auto_pad = \"SAME_UPPER\">(i, k)", "i", [16, 9, 9], ["Conv", "Conv"]),
  ])
  func weightsOfLowRankAreSplitWithoutLoss(text: String, input: String, sample: [Int], ops: [String]) throws {
    let model = try withLowRank(text)
    let schedule = try #require(try schedule(model, RuntimeActivations(model, input: input, sample)))
    let index = try #require(schedule.steps.firstIndex { $0.title.hasSuffix(": rank 8") })
    #expect(schedule.steps[index].predictedError < 1e-6)
    var split = model
    try schedule.apply([index], to: &split)
    try Verifier.verify(split)
    #expect(ShapeInference.run(on: &split).isEmpty)
    #expect(split.nodes(of: split.mainGraph).map { split.operatorName(of: $0).name } == ops)
    #expect(try split.relativeError(from: model, [input: normalTensor([7] + sample, seed: 1)]) < 1e-9)
    let saved = schedule.steps[...index].reduce(0) { $0 + $1.saving.macs }
    #expect(abs(CostModel(model).macs - CostModel(split).macs - saved) <= schedule.steps.count)
  }

  /// Inputs that vary in few directions need few, whatever the weights.
  @Test func whatInputsNeverShowIsNotKept() throws {
    let model = try channelModel("y = Gemm(f, w, b)", given: Self.given)
    var random = RandomSource(seed: 4)
    let basis = Matrix(rows: 8, columns: 48, random.normals(8 * 48))
    let batches = try (0..<4).map { _ in
      let values = try Matrix(rows: 64, columns: 8, random.normals(64 * 8)).multiplied(by: basis).values
      return ["f": try Tensor(.float32, rounding: values.map { $0 + 3 }, [64, 48])]
    }
    let schedule = try #require(
      try schedule(model, RuntimeActivations(model, batches: Array(batches.dropLast()))))
    let index = try #require(schedule.steps.firstIndex { $0.title.hasSuffix(": rank 8") })
    var split = model
    try schedule.apply([index], to: &split)
    #expect(try split.relativeError(from: model, batches[3]) < 1e-6)
  }

  @Test func errorsAreForetold() throws {
    let model = try channelModel("y = Gemm(f, w, b)", given: Self.given)
    let schedule = try #require(
      try LowRank().everyStep(
        for: model, keeping: [], activations: RuntimeActivations(model, input: "f", [48], batches: 16)))
    #expect(
      zip(schedule.steps, schedule.steps.dropFirst()).allSatisfy { $0.predictedError < $1.predictedError })
    for (index, step) in schedule.steps.enumerated() {
      var split = model
      try schedule.apply([index], to: &split)
      let error = try split.relativeError(from: model, ["f": normalTensor([256, 48], seed: 2)])
      #expect(abs(error - step.predictedError) < 0.2 * error)
    }
  }

  /// Weights without a pattern, and inputs that vary in all directions.
  @Test func whatLosesMuchIsNotProposed() throws {
    let model = try channelModel("y = Gemm(f, w, b)", given: Self.given)
    #expect(try schedule(model, RuntimeActivations(model, input: "f", [48])) == nil)
  }

  @Test func everyStepCanBeTakenAlone() throws {
    let model = try channelModel("h = MatMul(x, w); r = Relu(h); y = MatMul(r, t)", given: Self.given)
    let schedule = try #require(
      try LowRank().everyStep(for: model, keeping: [], activations: RuntimeActivations(model, [5, 48])))
    #expect(Set(schedule.steps.map(\.title)).count == schedule.steps.count)
    for chosen in schedule.steps.indices.map({ [$0] }) + [Array(schedule.steps.indices), []] {
      var split = model
      try schedule.apply(chosen, to: &split)
      try Verifier.verify(split)
      #expect(ShapeInference.run(on: &split).isEmpty)
    }
  }

  @Test(arguments: [
    ("y = Conv<group = 2>(i, grouped)", "i", [16, 9, 9]), ("y = MatMul(f, f_2)", "f", [48]),
    ("h = Transpose(f); y = MatMul(narrow, h)", "f", [48]),
  ])
  func otherLayersStay(text: String, input: String, sample: [Int]) throws {
    let model = try channelModel(text, given: Self.given + "; float[48, 4] f_2")
    #expect(try schedule(model, NoActivations()) == nil)
    let found = FactoredLayer.Candidate.all(in: model, keeping: [], momentBytes: 1 << 30)
    #expect(found.isEmpty)
  }

  @Test func layersToKeepStay() throws {
    let model = try withLowRank("y = MatMul(x, w)")
    let node = try #require(model.node("y"))
    #expect(try schedule(model, RuntimeActivations(model, [5, 48]), keeping: [node]) == nil)
  }

  @Test func weightsThatAreNoNumbersStay() throws {
    var model = try withLowRank("y = MatMul(x, w)")
    let value = try #require(model.node("y").flatMap { model.input(1, of: $0) })
    let broken = try Tensor(.float32, rounding: [Double](repeating: .nan, count: 48 * 64), [48, 64])
    model.edit(as: "test") { $0.setConstant(value, to: broken) }
    #expect(try schedule(model, RuntimeActivations(model, [5, 48])) == nil)
  }

  @Test func eigenvectorsAreOrthonormal() throws {
    let matrix = Matrix(rows: 3, columns: 3, [2, 1, 0, 1, 2, 0, 0, 0, 5])
    let found = try #require(try matrix.symmetricEigenvectors())
    #expect(zip(found.values, [5, 3, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    let products = try found.vectors.multiplied(by: found.vectors.transposed)
    #expect((products - Matrix(identity: 3)).sumOfSquares < 1e-20)
    #expect(try Matrix(rows: 2, columns: 2, [.nan, 0, 0, 1]).symmetricEigenvectors() == nil)
    #expect(try Matrix(rows: 1, columns: 2, [1, 0]).symmetricEigenvectors() == nil)
  }
}
