import Candidates
import Foundation
import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Passes

@Suite struct ChannelPruningTests {
  private static let convolutions = """
    float[N, 3, 6, 6] x; const float[8, 3, 3, 3] w1; const float[8] b1; const float[5, 8, 3, 3] w2; const float[5] b2
    """
  private static let chain = "h = Conv(x, w1, b1); r = Relu(h); y = Conv<pads = [1, 1, 1, 1]>(r, w2, b2)"

  private func schedule(_ model: Model, _ sample: [Int]) throws -> any Schedule {
    try #require(
      try ChannelPruning().schedule(for: model, keeping: [], activations: RuntimeActivations(model, sample)))
  }

  /// Lets output channels of a layer be copies of others: index to index.
  private func repeating(_ model: inout Model, _ output: String, _ copies: [Int: Int]) throws {
    let node = try #require(model.node(output))
    for index in 1..<model.inputCount(of: node) {
      let value = try #require(model.input(index, of: node)), tensor = try #require(model.constant(value))
      let axis = model.operatorName(of: node).name == "MatMul" ? 1 : 0
      let changed = try tensor.keeping((0..<tensor.dimensions[axis]).map { copies[$0] ?? $0 }, along: axis)
      model.edit(as: "test") { $0.setConstant(value, to: changed) }
    }
  }

  private func difference(_ a: Model, _ b: Model, _ sample: [Int]) throws -> Double {
    try relativeError(of: b, to: a, sample: sample, samples: 256)
  }

  @Test func duplicatedChannelsGoWithoutLoss() throws {
    var model = try channelModel(Self.chain, given: Self.convolutions)
    try repeating(&model, "h", [1: 0, 3: 2, 6: 5, 7: 4])
    let schedule = try schedule(model, [3, 6, 6])
    #expect(schedule.steps[0].title.hasSuffix(": 4 of 8 channels"))
    #expect(schedule.steps[0].predictedError < 1e-3)
    #expect(schedule.steps[0].saving.parameters == 4 * 27 + 4 + 5 * 4 * 9)
    var pruned = model
    try schedule.apply([0], to: &pruned)
    #expect(pruned.shape(ofWeights: "h") == [4, 3, 3, 3])
    #expect(pruned.shape(ofWeights: "y") == [5, 4, 3, 3])
    #expect(pruned.value("r").flatMap { pruned.shape(of: $0) }?[1] == 4)
    #expect(try difference(model, pruned, [3, 6, 6]) < 1e-6)
    #expect(ShapeInference.run(on: &pruned).isEmpty)
    try Verifier.verify(pruned)
  }

  /// A channel that is always the same is a matter of the bias.
  @Test func constantChannelsGoIntoTheBias() throws {
    let given = """
      float[N, 6] x; const float[6, 8] w1; const float[8] b1 = {0, 0, 0, 0, -100, -100, 100, -100}
      const float[8, 3] w2; const float[3] b2; const float[8] scale = {1, 1, 1, 1, 0, 0, 0, 0}
      """
    let model = try channelModel(
      "m = MatMul(x, w1); n = Mul(m, scale); h = Add(n, b1); r = Relu(h); p = MatMul(r, w2); y = Add(p, b2)",
      given: given)
    let schedule = try schedule(model, [6])
    var pruned = model
    try schedule.apply([0], to: &pruned)
    #expect(pruned.shape(ofWeights: "m") == [6, 4])
    #expect(try difference(model, pruned, [6]) < 1e-6)
  }

  @Test func whatRemainsMakesUpForWhatGoes() throws {
    let given = "float[N, 4] x; const float[4, 16] w1; const float[16, 3] w2"
    let model = try channelModel("h = MatMul(x, w1); r = Relu(h); y = MatMul(r, w2)", given: given)
    let schedule = try schedule(model, [4])
    let step = try #require(schedule.steps.firstIndex { $0.title.contains(": 8 of ") })
    var pruned = model
    try schedule.apply([step], to: &pruned)
    var plain = pruned
    let node = try #require(model.node("y")), value = try #require(plain.input(1, of: node))
    let weights = try #require(model.input(1, of: node).flatMap { model.constant($0) })
    let kept = try keptChannels(from: model, to: pruned)
    let old = try weights.keeping(kept, along: 0)
    plain.edit(as: "test") { $0.setConstant(value, to: old) }
    let (fitted, bare) = try (difference(model, pruned, [4]), difference(model, plain, [4]))
    #expect(fitted < bare / 4)
    // On other samples than those that it was fitted to.
    #expect(abs(fitted - schedule.steps[step].predictedError) < 0.5 * fitted)
  }

  private func keptChannels(from model: Model, to pruned: Model) throws -> [Int] {
    func columns(_ model: Model) throws -> [[Double]] {
      let weights = try #require(
        model.node("h").flatMap { model.input(1, of: $0) }.flatMap { model.constant($0) })
      let matrix = try #require(Matrix(weights)).transposed
      return (0..<matrix.rows).map { matrix.rows($0..<$0 + 1).values }
    }
    let left = try columns(pruned)
    return try columns(model).enumerated().filter { left.contains($0.element) }.map(\.offset)
  }

  @Test(arguments: [
    "h = Conv(x, w); a, b = Split<axis = 1, num_outputs = 2>(h); g = Sigmoid(b); z = Mul(a, g); y = Conv(z, v)",
    "h = Conv(x, w); a, b = Split<axis = 1>(h, {8, 8}); g = Sigmoid(b); z = Mul(a, g); y = Conv(z, v)",
    "h = Conv(x, w); d = Conv<group = 16>(h, depthwise); e = Conv<group = 4>(d, grouped); y = Conv(e, v16)",
    "h = Conv(x, w); n = BatchNormalization(h, s, o16, n16, q); e = Reshape(n, {0, 16, 36}); f = Transpose<perm = [0, 2, 1]>(e); y = MatMul(f, m); z = Conv(n, v16)",
    "h = Conv(x, w); n = GlobalMaxPool(h); e = Flatten(n); y = Gemm<transB = 1, alpha = 0.5, beta = 2.0>(e, t, o)",
    "a = Conv(x, w); b = Conv(x, w_2); j = Concat<axis = 1>(a, b); y = Conv(j, v32); z = Conv(a, v16)",
    "h = Conv(x, w); r = Relu(h); b = Conv(r, same); k = Add(h, b); y = Conv<strides = [2, 2]>(k, v16)",
  ])
  func everyPrefixRuns(example: String) throws {
    let given = """
      float[N, 3, 6, 6] x; const float[16, 3, 1, 1] w, w_2; const float[5, 8, 1, 1] v; const float[5, 16, 1, 1] v16
      const float[5, 32, 1, 1] v32; const float[16, 1, 1, 1] depthwise; const float[16, 4, 1, 1] grouped
      const float[16, 16, 1, 1] same; const float[16] s, o16, n16; const float[16] q in 0.5...1.5; const float[16, 3] m; const float[4, 16] t
      const float[4] o
      """
    let model = try channelModel(example, given: given)
    let schedule = try schedule(model, [3, 6, 6])
    let inputs = try RuntimeActivations(model, [3, 6, 6], batches: 1, of: 3).batches[0]
    let expected = try model.run(inputs)
    for count in 1...schedule.steps.count {
      var pruned = model
      try schedule.apply(first: count, to: &pruned)
      try Verifier.verify(pruned)
      #expect(ShapeInference.run(on: &pruned).isEmpty)
      #expect(try pruned.run(inputs).map(\.dimensions) == expected.map(\.dimensions))
    }
    let saved = schedule.steps.reduce(Saving()) { $0 + $1.saving }
    var pruned = model
    try schedule.apply(first: schedule.steps.count, to: &pruned)
    let costs = (before: CostModel(model), after: CostModel(pruned))
    // Layers without a bias get one.
    let biases = 16 + 5
    #expect(abs(costs.before.parameters - costs.after.parameters - saved.parameters) <= biases)
    #expect(abs(costs.before.macs - costs.after.macs - saved.macs) <= schedule.steps.count)
  }

  @Test func constantsOfOtherNodesStay() throws {
    let given =
      "float[N, 4] x; const float[4, 16] w1; const float[16] c; const float[16, 3] w2; float[N, 16] z"
    let model = try channelModel(
      "m = MatMul(x, w1); h = Add(m, c); r = Relu(h); y = MatMul(r, w2); k = Add(z, c)", given: given)
    var pruned = model
    let schedule = try #require(
      try ChannelPruning().schedule(
        for: model, keeping: [],
        activations: Fixed(tensors: [
          try Tensor(.float32, rounding: (0..<320).map { sin(Double($0)) }, [20, 16])
        ])))
    try schedule.apply(first: 1, to: &pruned)
    let other = try #require(pruned.node("k"))
    #expect(pruned.input(1, of: other).flatMap { pruned.constant($0) }?.dimensions == [16])
    try Verifier.verify(pruned)
  }

  /// Activations that were made up.
  private struct Fixed: ActivationSource {
    let tensors: [Tensor]
    var sampleCount: Int { 20 }
    func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
      try body(tensors)
    }
  }

  @Test func activationsThatTellNothingGiveNoSchedule() throws {
    let model = try channelModel(Self.chain, given: Self.convolutions)
    let samples: [[Tensor]] = [
      [],
      [try Tensor(.float32, rounding: [Double](repeating: .nan, count: 2 * 8 * 16), [2, 8, 4, 4])],
      [try Tensor(.float32, rounding: [.infinity] + [Double](repeating: 1, count: 255), [2, 8, 4, 4])],
      [try Tensor(float32: [1, 2])], [try Tensor(.float32, rounding: [], [0, 8, 4, 4])],
      [try Tensor(.float32, rounding: [Double](repeating: 1, count: 14 * 16), [2, 7, 4, 4])],
      [try Tensor(strings: [])],
    ]
    for tensors in samples {
      #expect(
        try ChannelPruning().schedule(for: model, keeping: [], activations: Fixed(tensors: tensors)) == nil)
    }
  }
}
