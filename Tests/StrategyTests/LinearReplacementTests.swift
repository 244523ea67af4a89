import Candidates
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Passes

@Suite struct LinearReplacementTests {
  private func candidates(_ model: Model, _ sample: [Int]) throws -> [Candidate] {
    try LinearReplacement().candidates(for: model, activations: RuntimeActivations(model, sample))
  }

  /// How far the model is off after the candidate, on other samples than those it was fitted to.
  private func error(of candidate: Candidate, _ model: Model, _ sample: [Int]) throws -> Double {
    var changed = model
    try candidate.apply(to: &changed)
    try Verifier.verify(changed)
    #expect(ShapeInference.run(on: &changed).isEmpty)
    return try changed.relativeError(from: model, ["x": normalTensor([33] + sample, seed: 11)])
  }

  private static let images = """
    float[N, 6, 8, 8] x; const float[24, 6, 3, 3] wide; const float[24, 6, 1, 1] w; const float[24] b
    const float[6, 24, 1, 1] v; const float[10, 24, 1, 1] u; const float[10] c
    """

  @Test(arguments: [
    ("h = Conv(x, w, b); y = Conv(h, v)", "Conv"),
    ("h = Conv<strides = [2, 2]>(x, w, b); y = Conv(h, u, c)", "Conv"),
    ("h = Conv(x, w, b); y = Conv<strides = [4, 2]>(h, u, c)", "Conv"),
  ])
  func linearRegionsOfImagesBecomeOneConvolution(example: String, op: String) throws {
    let model = try channelModel(example, given: Self.images)
    let found = try candidates(model, [6, 8, 8])
    let best = try #require(found.first { $0.nodes.count == 2 })
    #expect(best.title.hasPrefix("linear map for ") && best.kind == "region")
    #expect(try error(of: best, model, [6, 8, 8]) < 1e-6)
    var changed = model
    try best.apply(to: &changed)
    #expect(changed.nodes(of: changed.mainGraph).map { changed.operatorName(of: $0).name } == [op])
    let costs = (before: CostModel(model), after: CostModel(changed))
    #expect(best.saving.macs == costs.before.macs - costs.after.macs)
    #expect(best.saving.parameters == costs.before.parameters - costs.after.parameters)
    #expect(best.saving.nodes == 1)
  }

  private static let sequences = """
    float[N, 5, 8] x; const float[8] tiny in -0.01...0.01; const float[8, 32] w; const float[32, 8] v; const float[8] c; const float[32] b
    const float[8, 8] zeros = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
    """

  @Test func linearRegionsOfSequencesBecomeOneProduct() throws {
    let model = try channelModel("h = MatMul(x, w); k = Add(h, b); y = MatMul(k, v)", given: Self.sequences)
    let best = try #require(try candidates(model, [5, 8]).first)
    #expect(best.title.hasPrefix("linear map for "))
    #expect(try error(of: best, model, [5, 8]) < 1e-6)
    var changed = model
    try best.apply(to: &changed)
    #expect(
      changed.nodes(of: changed.mainGraph).map { changed.operatorName(of: $0).name } == ["MatMul", "Add"])
  }

  /// What a branch adds to every sample alike is a matter of a bias.
  @Test func constantBranchesBecomeConstants() throws {
    let model = try channelModel(
      "h = MatMul(x, zeros); k = Add(h, c); s = Exp(k); y = Add(x, s)", given: Self.sequences)
    let found = try candidates(model, [5, 8])
    #expect(found.count == 1)
    let best = try #require(found.first)
    #expect(best.kind == "branch" && best.title.hasPrefix("constant at "))
    #expect(try error(of: best, model, [5, 8]) < 1e-9)
  }

  @Test func constantGatesBecomeFactors() throws {
    let given = """
      float[N, 6, 8, 8] x; const float[6, 6, 1, 1] w in -0.001...0.001; const float[6] c
      """
    let model = try channelModel(
      "p = GlobalAveragePool(x); h = Conv(p, w, c); g = Sigmoid(h); y = Mul(g, x)", given: given)
    let best = try #require(try candidates(model, [6, 8, 8]).first { $0.title.hasPrefix("constant at ") })
    #expect(try error(of: best, model, [6, 8, 8]) < 1e-6)
    var changed = model
    try best.apply(to: &changed)
    #expect(changed.nodes(of: changed.mainGraph).map { changed.operatorName(of: $0).name } == ["Mul"])
  }

  @Test func channelsThatAreScaledNeedNoMatrix() throws {
    var model = try channelModel("h = MatMul(x, zeros); y = Add(h, c)", given: Self.sequences)
    var diagonal = Matrix(identity: 8)
    for index in 0..<8 { diagonal.values[index * 9] = Double(index) - 3.5 }
    let value = try #require(model.node("h").flatMap { model.input(1, of: $0) })
    let tensor = try Tensor(.float32, rounding: diagonal.values, [8, 8])
    model.edit(as: "test") { $0.setConstant(value, to: tensor) }
    let best = try #require(try candidates(model, [5, 8]).first)
    #expect(best.kind == "layer" && best.title.hasPrefix("scales for "))
    #expect(try error(of: best, model, [5, 8]) < 1e-6)
  }

  @Test(arguments: [
    // What can be bypassed is left to `Ablation`, whatever a fit would gain.
    "h = MatMul(x, w); a = Relu(h); b = MatMul(a, v); s = Mul(b, tiny); y = Add(x, s)",
    // A branch that gives nothing.
    "h = MatMul(x, zeros); y = Add(x, h)",
    // A matrix in the place of a matrix saves nothing.
    "y = MatMul(x, w)",
    // For symmetric inputs, the sign is all that a linear map could use.
    "h = MatMul(x, w); a = Abs(h); y = MatMul(a, v)",
    // Shapes from position to position do not fit.
    "h = MatMul(x, w); t = Transpose<perm = [0, 2, 1]>(h); y = Identity(t)",
    "h = MatMul(x, w); k = MatMul(h, v); y = Reshape(k, {0, -1})",
    "h = MatMul(x, w); k = MatMul(h, v); y = ReduceMean(k, {1})",
  ])
  func otherRegionsStay(example: String) throws {
    let model = try channelModel(example, given: Self.sequences)
    let wholes = try candidates(model, [5, 8]).filter { $0.nodes.contains { model.node("y") == $0 } }
    #expect(wholes.isEmpty)
  }

  @Test(arguments: [
    // Sizes that do not divide each other, that are not known, and a type that is not fitted.
    ("h = Conv(x, w, b); y = Conv<strides = [3, 3]>(h, v)", "float[N, 6, 8, 8] x"),
    ("h = Conv(x, w, b); y = Conv<strides = [2, 2]>(h, v)", "float[N, 6, H, H] x"),
  ])
  func unknownSizesStay(example: String, input: String) throws {
    let given = Self.images.replacing("float[N, 6, 8, 8] x", with: input)
    let model = try channelModel(example, given: given)
    #expect(try candidates(model, [6, 8, 8]).isEmpty)
  }

  @Test func otherTypesStay() throws {
    let given = "double[N, 8] x; const double[8, 64] w; const double[64, 8] v"
    let model = try channelModel("h = MatMul(x, w); y = MatMul(h, v)", given: given)
    #expect(ReplaceableParts(of: model).parts.isEmpty)
  }

  @Test func earlyOperatorSetsStay() throws {
    let model = try channelModel(
      "h = MatMul(x, w); y = MatMul(h, v)", given: Self.sequences, opset: 6)
    #expect(ReplaceableParts(of: model).parts.isEmpty)
  }

  @Test func whatIsGoneCannotBeReplacedAgain() throws {
    let original = try channelModel(
      "h = MatMul(x, w); k = Add(h, b); y = MatMul(k, v)", given: Self.sequences)
    let candidate = try #require(try candidates(original, [5, 8]).first)
    var model = original
    try candidate.apply(to: &model)
    let edition = model.edition
    #expect(throws: ModelError.self) { try candidate.apply(to: &model) }
    #expect(model.edition == edition)
  }

  /// Another candidate may have bypassed what comes before.
  @Test func applyingFollowsWhatOtherCandidatesReplaced() throws {
    let model = try channelModel(
      "r = Relu(x); h = MatMul(r, w); y = MatMul(h, v)", given: Self.sequences)
    let candidate = try #require(try candidates(model, [5, 8]).first)
    #expect(candidate.nodes == [model.node("h"), model.node("y")])
    var changed = model
    let relu = try #require(model.value("r")), input = try #require(model.inputs(of: model.mainGraph).first)
    try Bypass(exit: relu, replacement: input).apply(to: &changed, as: "test")
    try candidate.apply(to: &changed)
    try Verifier.verify(changed)
    #expect(
      changed.nodes(of: changed.mainGraph).map { changed.operatorName(of: $0).name } == ["MatMul", "Add"])
  }

  @Test func candidatesAreFewerThanNodes() throws {
    let blocks = (1...24).map { index in
      "h\(index) = MatMul(\(index == 1 ? "x" : "y\(index - 1)"), w); y\(index) = MatMul(h\(index), v)"
    }
    let given = Self.sequences.replacing("w;", with: "w in -0.6...0.6;").replacing(
      "v;", with: "v in -0.3...0.3;")
    let model = try channelModel(blocks.joined(separator: "; "), given: given)
    let found = try candidates(model, [5, 8])
    #expect(!found.isEmpty && found.count <= model.allNodes.count / 8)
    #expect(Set(found.map(\.title)).count == found.count)
    #expect(found.contains { $0.nodes.count >= 8 })
    for candidate in found { _ = try error(of: candidate, model, [5, 8]) }
  }

  @Test func activationsThatTellNothingGiveNoCandidates() throws {
    let model = try channelModel("h = Conv(x, w, b); y = Conv(h, v)", given: Self.images)
    let samples: [[Tensor]] = [
      [], [try Tensor(float32: [1, 2])], [try Tensor(.float32, rounding: [], [0, 6, 8, 8])],
      [try Tensor(.float32, rounding: [Double](repeating: .nan, count: 2 * 6 * 64), [2, 6, 8, 8])],
      [try Tensor(.float32, rounding: [Double](repeating: 1, count: 2 * 6 * 64), [2, 6, 8, 8])],
      [try Tensor(.float32, rounding: [Double](repeating: 1, count: 2 * 7 * 64), [2, 7, 8, 8])],
      [try Tensor(strings: [])],
    ]
    for tensors in samples {
      let activations = MadeUp { values in tensors.isEmpty ? [] : values.map { _ in tensors[0] } }
      #expect(try LinearReplacement().candidates(for: model, activations: activations).isEmpty)
    }
    #expect(try LinearReplacement().candidates(for: model, activations: NoActivations()).isEmpty)
  }

  private struct MadeUp: ActivationSource {
    let tensors: ([ValueID]) -> [Tensor]
    var sampleCount: Int { 20 }
    func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
      try body(tensors(values))
    }
  }

  @Test func momentsTellTheErrorOfAMap() throws {
    var random = RandomSource(seed: 5)
    let x = Matrix(rows: 40, columns: 3, random.normals(120))
    let y = Matrix(rows: 40, columns: 2, random.normals(80).map { $0 + 2 })
    var moments = PairedMoments(inputs: 3, outputs: 2)
    try moments.add(x.rows(0..<15), y.rows(0..<15))
    try moments.add(x.rows(15..<40), y.rows(15..<40))
    let map = LinearMap(weights: Matrix(rows: 3, columns: 2, random.normals(6)), bias: [1, -2])
    let covariance = try #require(moments.centred())
    let direct = try (map.applied(to: x) - y).sumOfSquares
    #expect(abs(try covariance.squaredError(of: map) - direct) < 1e-9 * direct)
    let fitted = try #require(try NormalEquations(map, covariance).solved(penalty: 0))
    let least = try covariance.squaredError(of: fitted)
    let other = try NormalEquations(map, features: x, targets: y).solved(penalty: 0)
    #expect(abs(least - (try (#require(other).applied(to: x) - y).sumOfSquares)) < 1e-9 * least)
    #expect(least < direct)
  }
}
