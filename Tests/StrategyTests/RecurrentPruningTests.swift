import Candidates
import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Passes

/// Hidden units of recurrent cells, which `channel-pruning` takes out.
@Suite struct RecurrentPruningTests {
  private static let given = """
    float[N, 5, 6] x; const int32[64] lengths = 3; const float[1, 1, 16] c0
    const float[1, 64, 6] w; const float[1, 64, 16] r; const float[1, 128] b; const float[1, 48] p
    const float[2, 64, 6] bw; const float[2, 64, 16] br; const float[2, 48] bp
    const float[1, 48, 6] gw; const float[1, 48, 16] gr; const float[1, 96] gb
    const float[1, 16, 6] nw; const float[1, 16, 16] nr; const float[16, 3] m; const float[32, 3] m2
    const float[1, 32, 16] w2; const float[1, 32, 8] r2; const float[8, 3] m8
    """

  /// How many cells' units there are for each, and gates.
  private static let examples: [String: Int] = [
    "h, l = LSTM<hidden_size = 16, clip = 3.0>(t, w, r, b); e = Squeeze(l, {0}); y = MatMul(e, m); return y":
      4,
    "h = LSTM<hidden_size = 16>(t, w, r, , , , , p); e = Squeeze(h, {1}); y = MatMul(e, m)": 4,
    "h, l = LSTM<hidden_size = 16, direction = \"bidirectional\">(t, bw, br, , , , , bp); o = Transpose<perm = [1, 0, 2]>(l); e = Reshape(o, {0, 32}); y = MatMul(e, m2); return y":
      4,
    "h = LSTM<hidden_size = 16, input_forget = 1>(t, w, r, b, lengths); n = Gather<axis = 0>(h, {0}); e = Reshape(n, {-1, 16}); y = MatMul(e, m)":
      4,
    "h, l = GRU<hidden_size = 16, linear_before_reset = 1>(t, gw, gr, gb); e = Squeeze(l, {0}); y = MatMul(e, m); return y":
      3,
    "h, l = GRU<hidden_size = 16>(t, gw, gr); e = Squeeze(l, {0}); y = MatMul(e, m); return y": 3,
    "h, l = RNN<hidden_size = 16, direction = \"reverse\">(t, nw, nr); e = Squeeze(l, {0}); y = MatMul(e, m); return y":
      1,
  ]

  private func model(_ example: String) throws -> Model {
    try channelModel("t = Transpose<perm = [1, 0, 2]>(x); " + example, given: Self.given)
  }

  private func schedule(_ model: Model) throws -> any Schedule {
    try #require(
      try ChannelPruning().schedule(
        for: model, keeping: [], activations: RuntimeActivations(model, [5, 6])))
  }

  private func difference(_ a: Model, _ b: Model) throws -> Double {
    try relativeError(of: b, to: a, sample: [5, 6], samples: 64)
  }

  /// Lets units of the upper half be copies of those of the lower one, gate by gate.
  private func doubleUnits(_ model: inout Model, gates: Int) throws {
    let cell = try #require(model.node("h"))
    for (index, blocks) in [(1, gates), (2, gates), (3, 2 * gates), (7, 3)] {
      guard let value = model.input(index, of: cell), let tensor = model.constant(value) else { continue }
      let rows = (0..<blocks).flatMap { block in (0..<16).map { block * 16 + $0 % 8 } }
      let doubled = try tensor.keeping(rows, along: 1)
      model.edit(as: "test") { $0.setConstant(value, to: doubled) }
    }
  }

  @Test(arguments: examples.keys.sorted())
  func duplicatedUnitsGoWithoutLoss(example: String) throws {
    var model = try model(example)
    try doubleUnits(&model, gates: #require(Self.examples[example]))
    let schedule = try schedule(model)
    let step = try #require(schedule.steps.firstIndex { $0.title.hasSuffix(": 8 of 16 channels") })
    #expect(schedule.steps[step].predictedError < 1e-3)
    var pruned = model
    try schedule.apply([step], to: &pruned)
    #expect(pruned.node("h").flatMap { pruned.attribute("hidden_size", of: $0)?.int } == 8)
    // As far as few rows let weights move away from the old ones.
    #expect(try difference(model, pruned) < 1e-5)
  }

  /// It is read all the same, to learn what the recurrence sees.
  @Test func sequencesThatAreLeftOutAreSeen() throws {
    let example = "h, l = LSTM<hidden_size = 16>(t, w, r, b); e = Squeeze(l, {0}); y = MatMul(e, m); return y"
    let whole = try model(example)
    var short = whole
    let output = try #require(short.value("h"))
    short.edit(as: "test") { $0.omit(output) }
    let (first, second) = try (schedule(whole), schedule(short))
    #expect(first.steps == second.steps)
    var pruned = short
    try second.apply([0], to: &pruned)
    #expect(pruned.isOmitted(output))
    try Verifier.verify(pruned)
  }

  private static let stacked = """
    h = LSTM<hidden_size = 16>(t, w, r, b); e = Squeeze(h, {1}); k, l = LSTM<hidden_size = 8>(e, w2, r2)
    i = Squeeze(l, {0}); y = MatMul(i, m8); return y
    """

  @Test(arguments: examples.keys.sorted() + [stacked])
  func everyStepRunsAlone(example: String) throws {
    let model = try model(example)
    let schedule = try schedule(model)
    let inputs = try RuntimeActivations(model, [5, 6], batches: 1, of: 64).batches[0]
    let expected = try model.run(inputs)
    let chosen = schedule.steps.indices.map { [$0] } + [Array(schedule.steps.indices)]
    for steps in chosen {
      var pruned = model
      try schedule.apply(steps, to: &pruned)
      try Verifier.verify(pruned)
      #expect(ShapeInference.run(on: &pruned).isEmpty)
      #expect(try pruned.run(inputs).map(\.dimensions) == expected.map(\.dimensions))
    }
  }

  @Test func savingsAreThoseOfTheCostModel() throws {
    let model = try model(Self.stacked)
    let schedule = try schedule(model)
    var pruned = model
    try schedule.apply(Array(schedule.steps.indices), to: &pruned)
    let saved = schedule.steps.reduce(Saving()) { $0 + $1.saving }
    let costs = (before: CostModel(model), after: CostModel(pruned))
    // The second cell gets a bias.
    #expect(abs(costs.before.parameters - costs.after.parameters - saved.parameters) <= 64)
    #expect(abs(costs.before.macs - costs.after.macs - saved.macs) <= 2 * schedule.steps.count)
  }

  /// Readers and recurrence are fitted to the units that stay, and the biases with them.
  @Test func whatRemainsMakesUpForWhatGoes() throws {
    let model = try model(
      "h, l = GRU<hidden_size = 16, linear_before_reset = 1>(t, gw, gr, gb); e = Squeeze(l, {0}); y = MatMul(e, m); return y"
    )
    let schedule = try schedule(model)
    let step = try #require(schedule.steps.firstIndex { $0.title.contains(": 8 of ") })
    var pruned = model
    try schedule.apply([step], to: &pruned)
    let kept = try keptUnits(from: model, to: pruned)
    let rows = (0..<6).flatMap { block in kept.map { block * 16 + $0 } }
    var bare = pruned
    for (node, index, axes) in [("h", 2, [rows.prefix(24), kept[...]]), ("h", 3, [rows[...]])] {
      try replace(index, of: node, in: &bare, with: model, axes)
    }
    let (fitted, cut) = try (difference(model, pruned), difference(model, bare))
    #expect(fitted < 0.7 * cut)
  }

  /// Half of the first cell's units, on samples that nothing was fitted to.
  @Test func trainedCellsHaveUnitsToSpare() throws {
    let corpus = try CorpusModel("digits-lstm")
    let schedule = try #require(
      try ChannelPruning().schedule(for: corpus.model, keeping: [], activations: corpus.activations()))
    let step = try #require(schedule.steps.firstIndex { $0.title.hasSuffix(": 24 of 48 channels") })
    var pruned = corpus.model
    try schedule.apply([step], to: &pruned)
    #expect(try corpus.loss(of: pruned) < 0.1)
  }

  private func replace(
    _ index: Int, of output: String, in model: inout Model, with original: Model, _ kept: [ArraySlice<Int>]
  ) throws {
    let old = original.node(output).flatMap { original.input(index, of: $0) }
    var tensor = try #require(old.flatMap { original.constant($0) })
    for (axis, indices) in kept.enumerated() { tensor = try tensor.keeping(Array(indices), along: axis + 1) }
    let value = try #require(model.node(output).flatMap { model.input(index, of: $0) })
    model.edit(as: "test") { $0.setConstant(value, to: tensor) }
  }

  private func keptUnits(from model: Model, to pruned: Model) throws -> [Int] {
    func rows(_ model: Model) throws -> [[Double]] {
      let weights = try #require(
        model.node("h").flatMap { model.input(1, of: $0) }.flatMap { model.constant($0) })
      let (values, columns) = try (weights.doubles(), weights.dimensions[2])
      return stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
    }
    let left = try rows(pruned)
    return try rows(model).prefix(16).enumerated().filter { left.contains($0.element) }.map(\.offset)
  }
}

/// Which states a cell is taken to read.
@Suite struct RecurrentStatesTests {
  /// State s of sequence n is 10 s + n + 1, backwards 100 more.
  private func output(steps: Int, directions: Int) throws -> Tensor {
    var values: [Double] = []
    for step in 0..<steps {
      for direction in 0..<directions {
        for sequence in 0..<2 { values.append(Double(10 * step + sequence + 1 + 100 * direction)) }
      }
    }
    return try Tensor(.float32, rounding: values, [steps, directions, 2, 1])
  }

  private func rows(_ states: RecurrentStates, steps: Int, directions: Int) throws -> [Double] {
    let sampling = RowSampling(channels: 1, window: nil, rowsOfSample: 100)
    return try states.rows(
      of: output(steps: steps, directions: directions), sampling, firstSample: 0, mostRows: 100
    ).values.sorted()
  }

  private func states(
    _ direction: Int, isReversed: Bool, startsAtZero: Bool, hasLengths: Bool = false, of directions: Int = 2,
    steps: Int? = nil
  ) -> RecurrentStates {
    RecurrentStates(
      direction: direction, directions: directions, isReversed: isReversed, startsAtZero: startsAtZero,
      hasLengths: hasLengths, steps: steps)
  }

  @Test func samplesThatWereRunOneByOneAreSequences() throws {
    let forward = states(0, isReversed: false, startsAtZero: true, steps: 2)
    #expect(try rows(forward, steps: 4, directions: 2) == [0, 0, 0, 0, 1, 2, 21, 22])
    #expect(throws: TensorError.self) { try rows(forward, steps: 3, directions: 2) }
  }

  @Test func theLastStateIsNotReadAgain() throws {
    let forward = states(0, isReversed: false, startsAtZero: false)
    #expect(try rows(forward, steps: 3, directions: 2) == [1, 2, 11, 12])
    let backward = states(1, isReversed: true, startsAtZero: false)
    #expect(try rows(backward, steps: 3, directions: 2) == [111, 112, 121, 122])
  }

  @Test func theFirstStepReadsZeros() throws {
    let forward = states(0, isReversed: false, startsAtZero: true)
    #expect(try rows(forward, steps: 3, directions: 2) == [0, 0, 1, 2, 11, 12])
    #expect(try rows(forward, steps: 1, directions: 2) == [0, 0])
  }

  @Test func oneStepReadsNothingOfItsOwn() throws {
    let forward = states(0, isReversed: false, startsAtZero: false)
    #expect(try rows(forward, steps: 1, directions: 2).isEmpty)
  }

  @Test func otherShapesAreRefused() throws {
    let forward = states(0, isReversed: false, startsAtZero: true)
    #expect(throws: TensorError.self) { try rows(forward, steps: 3, directions: 1) }
  }

  @Test func whatLiesBehindTheEndOfASequenceIsLeftOut() throws {
    let forward = states(0, isReversed: false, startsAtZero: true, hasLengths: true, of: 1)
    let output = try Tensor(.float32, rounding: [1, 2, 0, 3, 0, 0], [3, 1, 2, 1])
    let sampling = RowSampling(channels: 1, window: nil, rowsOfSample: 100)
    let rows = try forward.rows(of: output, sampling, firstSample: 0, mostRows: 100)
    #expect(rows.values.sorted() == [1, 2, 3])
  }
}
