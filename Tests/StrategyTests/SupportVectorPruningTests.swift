import Candidates
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

@Suite struct SupportVectorPruningTests {
  private static let given = "float[N, 2] x; float[N, M] wide"

  /// Five vectors, of which the second is the first again, and the last counts next to nothing.
  private static func regressor(
    _ kernel: String, degree: Int = 2, rho: String = "0.5",
    coefficients: String = "1.0, 0.5, -2.0, 1.0, 0.00001",
    count: Int = 5, of table: String = "x"
  ) -> String {
    """
    y = "ai.onnx.ml".SVMRegressor<kernel_type = "\(kernel)", kernel_params = [0.5, 0.25, \(degree).0], \
    n_supports = \(count), support_vectors = [1.0, 0.5, 1.0, 0.5, -1.0, 0.25, 0.5, -1.5, 3.0, 3.0], \
    coefficients = [\(coefficients)], rho = [\(rho)]>(\(table))
    """
  }

  /// Three classes of two vectors, of which the second of the first class is its first again.
  private static let classifier = """
    l, y = "ai.onnx.ml".SVMClassifier<kernel_type = "RBF", kernel_params = [0.5, 0.0, 3.0], vectors_per_class = [2, 2, 2], \
    classlabels_ints = [4, 5, 6], support_vectors = [1.0, 0.5, 1.0, 0.5, -1.0, 0.25, -0.5, -1.0, 0.5, -1.5, 1.0, -2.0], \
    coefficients = [1.0, 0.5, -1.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 1.0, -1.0, -1.0], rho = [0.1, 0.2, -0.1]>(x)
    """

  private func activations(_ model: Model) throws -> RuntimeActivations { try RuntimeActivations(model, [2]) }

  private func schedule(_ text: String, keeping: Bool = false) throws -> (any Schedule)? {
    let model = try channelModel(text, given: Self.given)
    return try SupportVectorPruning().schedule(
      for: model, keeping: keeping ? Set(model.nodes(of: model.mainGraph)) : [],
      activations: activations(model))
  }

  /// Of all outputs of the scores: squared error relative to the variance.
  private func error(_ changed: Model, _ original: Model, output: Int = 0) throws -> Double {
    var (full, left): ([Double], [Double]) = ([], [])
    for batch in try activations(original).batches {
      full += try original.run(batch)[output].doubles()
      left += try changed.run(batch)[output].doubles()
    }
    let mean = full.reduce(0, +) / Double(full.count)
    let variance = full.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return zip(full, left).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / variance
  }

  @Test(arguments: ["LINEAR", "POLY", "SIGMOID", "RBF"])
  func vectorsThatCountForNothingGoWithoutLoss(kernel: String) throws {
    let original = try channelModel(Self.regressor(kernel), given: Self.given)
    let schedule = try #require(try schedule(Self.regressor(kernel)))
    #expect(schedule.steps.count == 4)
    let step = try #require(schedule.steps.firstIndex { $0.title.hasSuffix("3 of 5 support vectors") })
    #expect(schedule.steps[step].predictedError < 1e-3)
    var pruned = original
    try schedule.apply(first: step + 1, to: &pruned)
    try Verifier.verify(pruned)
    let node = try #require(pruned.node("y"))
    #expect(pruned.attribute("n_supports", of: node)?.int == 3)
    #expect(pruned.attribute("support_vectors", of: node)?.floats?.count == 6)
    #expect(try error(pruned, original) < 1e-5)
  }

  @Test(arguments: ["LINEAR", "POLY", "SIGMOID", "RBF"])
  func eachStepLosesWhatWasPredicted(kernel: String) throws {
    let original = try channelModel(Self.regressor(kernel), given: Self.given)
    let schedule = try #require(try schedule(Self.regressor(kernel)))
    for step in schedule.steps.indices {
      var pruned = original
      try schedule.apply([step], to: &pruned)
      #expect(try abs(error(pruned, original) - schedule.steps[step].predictedError) < 0.05)
    }
  }

  @Test func classifiersKeepAVectorOfEachClass() throws {
    let original = try channelModel(Self.classifier, given: Self.given)
    let schedule = try #require(try schedule(Self.classifier))
    #expect(schedule.steps.map(\.title).allSatisfy { $0.hasSuffix("support vectors") })
    var first = original
    try schedule.apply(first: 1, to: &first)
    let node = try #require(first.node("l"))
    #expect(first.attribute("vectors_per_class", of: node)?.ints == [1, 2, 2])
    #expect(try error(first, original, output: 1) < 1e-4)
    var last = original
    try schedule.apply(first: schedule.steps.count, to: &last)
    #expect(last.attribute("vectors_per_class", of: try #require(last.node("l")))?.ints == [1, 1, 1])
    let batch = try activations(original).batches[0]
    #expect(try last.run(batch).map(\.dimensions) == original.run(batch).map(\.dimensions))
    #expect(last.attribute("classlabels_ints", of: node)?.ints == [4, 5, 6])
  }

  @Test func savingsAreWeights() throws {
    let model = try channelModel(Self.regressor("RBF"), given: Self.given)
    let schedule = try #require(try schedule(Self.regressor("RBF")))
    var pruned = model
    try schedule.apply(first: 4, to: &pruned)
    let saved = schedule.steps.reduce(0) { $0 + $1.saving.parameters }
    #expect(abs(CostModel(model).parameters - CostModel(pruned).parameters - saved) <= 4)
  }

  @Test func whatIsNotUnderstoodStays() throws {
    #expect(try schedule(Self.regressor("RBF"), keeping: true) == nil)
    #expect(try schedule(Self.regressor("RBF", of: "wide")) == nil)
    #expect(try schedule(Self.regressor("CHI")) == nil)
    // Lists that do not fit, scores that never vary, and kernels that overflow.
    #expect(try schedule(Self.regressor("RBF", rho: "0.5, 0.5")) == nil)
    #expect(try schedule(Self.regressor("RBF", count: 4)) == nil)
    #expect(try schedule(Self.regressor("RBF", coefficients: "0.0, 0.0, 0.0, 0.0, 0.0")) == nil)
    #expect(try schedule(Self.regressor("POLY", degree: 5000)) == nil)
  }

  @Test func fewRowsTellNothing() throws {
    let model = try channelModel(Self.regressor("RBF"), given: Self.given)
    let few = try RuntimeActivations(model, [2], batches: 1, of: 16)
    #expect(try SupportVectorPruning().schedule(for: model, keeping: [], activations: few) == nil)
  }

  @Test(arguments: 0..<40) func survivesLies(_ seed: Int) throws {
    let text = seed % 2 == 0 ? Self.classifier : Self.regressor("POLY")
    let named = try NamedModel(example: text, given: Self.given, opset: 21)
    var liar = Liar(random: .derived(from: UInt64(seed), for: "vectors"))
    guard var model = try? Model(liar.changed(named)) else { return }
    ShapeInference.run(on: &model)
    let activations = InventedTables(seed: UInt64(seed), columns: 2)
    guard
      let schedule = try SupportVectorPruning().schedule(for: model, keeping: [], activations: activations)
    else { return }
    for count in [1, schedule.steps.count] {
      var pruned = model
      try? schedule.apply(first: count, to: &pruned)
    }
  }
}
