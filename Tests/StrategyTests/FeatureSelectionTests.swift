import Candidates
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

@Suite struct FeatureSelectionTests {
  private static let given = """
    float[N, 1] a; float[N, 1] b; float[N, 1] c; float[N, 2] d; int64[N, 1] k; const int64[2] s = {-1, 3}
    """
  private static let table = "t = Concat<axis = 1>(a, b, c, d); "

  private static func regressor(_ coefficients: String, targets: Int = 1, of table: String = "t") -> String {
    let intercepts = [String](repeating: "0.5", count: targets).joined(separator: ", ")
    return """
      y = "ai.onnx.ml".LinearRegressor<coefficients = [\(coefficients)], intercepts = [\(intercepts)], \
      targets = \(targets)>(\(table))
      """
  }

  /// Four batches; c is nearly a + b, and k one of three categories.
  private static func batches() throws -> [[String: Tensor]] {
    var random = RandomSource(seed: 3)
    return try (0..<4).map { _ -> [String: Tensor] in
      let (a, b, noise) = (random.normals(64), random.normals(64), random.normals(64))
      let c = noise.indices.map { (row: Int) -> Double in a[row] + b[row] + 0.01 * noise[row] + 3 }
      let columns = [(name: "a", values: a), (name: "b", values: b), (name: "c", values: c)]
      var batch: [String: Tensor] = [:]
      for column in columns { batch[column.name] = try Tensor(.float32, rounding: column.values, [64, 1]) }
      batch["d"] = try Tensor(.float32, rounding: random.normals(128), [64, 2])
      let categories = (0..<64).map { _ in Int.random(in: 0...2, using: &random) }
      batch["k"] = try Tensor(int64: categories, [64, 1])
      return batch
    }
  }

  /// The batches, as far as the model reads them.
  private func activations(_ model: Model) throws -> RuntimeActivations {
    let names = Set(model.inputs(of: model.mainGraph).map { model.name(of: $0) })
    return RuntimeActivations(model, batches: try Self.batches().map { $0.filter { names.contains($0.key) } })
  }

  private func schedule(_ model: Model, keeping: Set<NodeID> = []) throws -> (any Schedule)? {
    try FeatureSelection().schedule(for: model, keeping: keeping, activations: activations(model))
  }

  /// Squared error relative to the variance, and the difference of the means.
  private func difference(_ changed: Model, _ original: Model) throws -> (error: Double, ofMeans: Double) {
    var (full, left): ([Double], [Double]) = ([], [])
    for batch in try activations(original).batches {
      full += try original.run(batch)[0].doubles()
      left += try changed.run(batch)[0].doubles()
    }
    let mean = full.reduce(0, +) / Double(full.count)
    let variance = full.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (
      zip(full, left).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / variance,
      left.reduce(0, +) / Double(left.count) - mean
    )
  }

  @Test func whatOthersCanStandForGoesFirst() throws {
    let original = try channelModel(
      Self.table + Self.regressor("1.0, 2.0, 1.0, 2.0, 0.001"), given: Self.given)
    let schedule = try #require(try schedule(original))
    // Three columns and the table of two, of which one part stays.
    #expect(schedule.steps.count == 3)
    #expect(schedule.steps[0].predictedError < 1e-3 && schedule.steps[1].predictedError > 0.01)
    for count in 1...3 {
      var selected = original
      try schedule.apply(first: count, to: &selected)
      try Verifier.verify(selected)
      let difference = try difference(selected, original)
      #expect(abs(difference.error - schedule.steps[count - 1].predictedError) < 0.05)
      #expect(abs(difference.ofMeans) < 1e-3)
    }
  }

  @Test func whatMadeTheColumnsGoesWithThem() throws {
    let text = """
      e = "ai.onnx.ml".OneHotEncoder<cats_int64s = [0, 1, 2], zeros = 1>(k); r = Reshape(e, s); \
      u = Concat<axis = 1>(a, b); v = "ai.onnx.ml".Scaler<offset = [0.5, 0.25], scale = [2.0, 3.0]>(u); \
      t = Concat<axis = 1>(v, r); 
      """
    let original = try channelModel(
      text + Self.regressor("1.0, 0.001, 0.002, 0.001, 0.002"), given: Self.given)
    let schedule = try #require(try schedule(original))
    var selected = original
    try schedule.apply(first: schedule.steps.count, to: &selected)
    try Verifier.verify(selected)
    let names = selected.nodes(of: selected.mainGraph).map { selected.operatorName(of: $0).name }
    #expect(names == ["Scaler", "LinearRegressor"])
    let scaler = try #require(selected.nodes(of: selected.mainGraph).first)
    #expect(selected.attribute("scale", of: scaler)?.floats == [2])
    #expect(try difference(selected, original).error < 1e-4)
  }

  @Test func classifiersKeepTheirScores() throws {
    let text = """
      l, y = "ai.onnx.ml".LinearClassifier<coefficients = [1.0, 0.0, 0.0, 0.5, 1.0, 0.0, 1.0, 0.0, 0.25, 1.0, 0.5, \
      0.5, 0.0, 2.0, 1.0], intercepts = [0.1, 0.2, 0.3], classlabels_ints = [4, 5, 6], \
      post_transform = "SOFTMAX">(t)
      """
    let original = try channelModel(Self.table + text, given: Self.given)
    let schedule = try #require(try schedule(original))
    for step in schedule.steps.indices {
      var selected = original
      try schedule.apply([step], to: &selected)
      let batch = try activations(original).batches[0]
      #expect(try selected.run(batch)[1].dimensions == original.run(batch)[1].dimensions)
    }
    var first = original
    try schedule.apply(first: 1, to: &first)
    let batch = try activations(original).batches[0]
    let labels = try zip(original.run(batch)[0].integers(), first.run(batch)[0].integers())
    #expect(labels.count { $0 == $1 } > 60)
  }

  @Test func whatCannotBeSelectedStays() throws {
    let whole = try channelModel(Self.regressor("1.0, 2.0", of: "d"), given: Self.given)
    #expect(try schedule(whole) == nil)
    let beside = try channelModel(
      Self.table + "z = Neg(t); " + Self.regressor("1.0, 1.0, 1.0, 2.0, 0.5"), given: Self.given)
    #expect(try schedule(beside) == nil)
    let wrong = try channelModel(Self.table + Self.regressor("1.0, 1.0, 1.0"), given: Self.given)
    #expect(try schedule(wrong) == nil)
    let constant = try channelModel(
      Self.table + Self.regressor("0.0, 0.0, 0.0, 0.0, 0.0"), given: Self.given)
    #expect(try schedule(constant) == nil)
    let model = try channelModel(Self.table + Self.regressor("1.0, 1.0, 1.0, 2.0, 0.5"), given: Self.given)
    #expect(try schedule(model, keeping: Set(model.nodes(of: model.mainGraph))) == nil)
  }

  @Test func encodersThatRefuseUnknownCategoriesGoAsAWholeOnly() throws {
    let text = """
      e = "ai.onnx.ml".OneHotEncoder<cats_int64s = [0, 1, 2], zeros = 0>(k); r = Reshape(e, s); \
      t = Concat<axis = 1>(a, r); 
      """
    let model = try channelModel(text + Self.regressor("1.0, 1.0, 2.0, 3.0"), given: Self.given)
    let table = try #require(model.value("t"))
    #expect(NarrowedTable.parts(of: table, in: model) == [0..<1, 1..<4])
    #expect(NarrowedTable(table, keeping: [0, 2], in: model)?.columns == [0, 1, 2, 3])
    #expect(NarrowedTable(table, keeping: [0], in: model)?.columns == [0])
    #expect(NarrowedTable(table, keeping: [], in: model) == nil)
  }

  @Test func selectedColumnsGoOneByOne() throws {
    let text = "t = \"ai.onnx.ml\".ArrayFeatureExtractor(x, i); " + Self.regressor("1.0, 2.0, 0.001")
    let original = try channelModel(text, given: "float[N, 6] x; const int64[3] i = {4, 0, 2}")
    let schedule = try #require(
      try FeatureSelection().schedule(
        for: original, keeping: [], activations: RuntimeActivations(original, [6])))
    var selected = original
    try schedule.apply(first: 1, to: &selected)
    let extractor = try #require(selected.nodes(of: selected.mainGraph).first)
    let places = try #require(selected.input(1, of: extractor).flatMap { selected.constant($0) })
    #expect(try places.integers() == [4, 0])
  }

  @Test(arguments: 0..<40) func survivesLies(_ seed: Int) throws {
    let text = """
      e = "ai.onnx.ml".OneHotEncoder<cats_int64s = [0, 1, 2], zeros = 1>(k); r = Reshape(e, s); \
      t = Concat<axis = 1>(a, b, r); 
      """
    let named = try NamedModel(
      example: text + Self.regressor("1.0, 0.5, 0.25, 0.5, 2.0"), given: Self.given, opset: 21)
    var liar = Liar(random: .derived(from: UInt64(seed), for: "features"))
    guard var model = try? Model(liar.changed(named)) else { return }
    ShapeInference.run(on: &model)
    let activations = InventedTables(seed: UInt64(seed), columns: 5)
    guard
      let schedule = try FeatureSelection().schedule(for: model, keeping: [], activations: activations)
    else { return }
    for count in [1, schedule.steps.count] {
      var selected = model
      try? schedule.apply(first: count, to: &selected)
    }
  }
}
