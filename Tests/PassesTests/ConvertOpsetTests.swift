import Evaluation
import GraphAnalysis
import ONNXFormat
import PassPipeline
import TensorCore
import Testing

@testable import GraphIR
@testable import PassTestKit
@testable import Passes

/// Steps between versions that the examples of `ConvertOpset` cannot show: they need a target, or types.
@Suite struct ConvertOpsetTests {
  private static func converted(_ named: NamedModel, to version: Int) throws -> Model {
    var model = try Model(named)
    let pipeline = try Pipeline(parsing: "convert-opset{to=\(version)}")
    _ = try PassManager(registry: .builtIn, instrumentation: Instrumentation(verifiesEach: true)).run(
      pipeline, on: &model, in: PassContext())
    return model
  }

  private static func operators(of model: Model) -> String {
    model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name }.joined(separator: " ")
  }

  // MARK: Steps

  struct Step: Sendable, CustomTestStringConvertible {
    let graph: String
    let given: String
    let from: Int
    let to: Int
    /// The operators of the result, in order.
    let operators: String

    init(_ graph: String, _ given: String = "", from: Int, to: Int, _ operators: String) {
      self.graph = graph
      self.given = given
      self.from = from
      self.to = to
      self.operators = operators
    }

    var testDescription: String { "\(from) → \(to): \(graph)" }
  }

  private static let image =
    "float[1, 2, 6, 9] x; const float[4] up = {1, 1, 2, 2.5}; const float[4] down = {1, 1, 0.5, 0.4}"

  static let steps: [Step] = [
    Step("y = Softmax(x)", "float[2, 3, 4] x", from: 12, to: 13, "Shape Flatten Softmax Reshape"),
    Step("y = Softmax<axis = 2>(x)", "float[2, 3, 4] x", from: 12, to: 21, "Softmax"),
    Step("y = LogSoftmax(x)", "float[N, 3, 1, 1] x", from: 11, to: 21, "LogSoftmax"),
    Step("y = Hardmax<axis = 0>(x)", "float[2, 3] x", from: 11, to: 21, "Shape Flatten Hardmax Reshape"),
    Step(
      "y = Upsample<mode = \"nearest\", scales = [1.0, 1.0, 2.0, 3.0]>(x)", image, from: 7, to: 21, "Resize"),
    Step("y = Upsample<mode = \"linear\">(x, up)", image, from: 9, to: 21, "Resize"),
    Step("y = Resize(x, up)", image, from: 10, to: 19, "Resize"),
    Step("y = Resize(x, down)", image, from: 10, to: 11, "Resize"),
    Step("y = Split<axis = 1>(x)", "float[2, 4] x", from: 11, to: 18, "Split"),
    Step("a, b = Split<axis = 1>(x)", "float[2, 4] x", from: 17, to: 18, "Split"),
    Step("v, i = TopK<k = 2>(x)", "float[2, 4] x", from: 9, to: 24, "TopK"),
    Step("y = Slice<starts = [1], ends = [9]>(x)", "float[2, 4] x", from: 9, to: 13, "Slice"),
    Step("y = Pad<pads = [0, 1, 0, 2], value = 0.5>(x)", "float[2, 4] x", from: 10, to: 21, "Pad"),
    Step("y = ReduceSum<axes = [1]>(x)", "float[2, 4] x", from: 11, to: 18, "ReduceSum"),
    Step("y = ReduceMax<axes = [1], keepdims = 0>(x)", "float[2, 4] x", from: 13, to: 18, "ReduceMax"),
    Step("y = Dropout<ratio = 0.3>(x)", "float[2, 4] x", from: 11, to: 13, "Dropout"),
    Step("y = Clip<min = 0.0>(x)", "float[2, 4] x", from: 10, to: 12, "Clip"),
    Step("y = DFT(x)", "float[1, 8, 2, 1] x", from: 17, to: 20, "DFT"),
    Step(
      "y = GroupNormalization<num_groups = 2>(x, s, b)", "float[2, 4, 3] x; const float[2] s; float[2] b",
      from: 18,
      to: 21, "Unsqueeze Expand Reshape GroupNormalization"),
    Step(
      "y = If(c) <then_branch = t () => (u) { u = Squeeze<axes = [0]>(x) }, "
        + "else_branch = e () => (w) { w = ReduceSum<axes = [0], keepdims = 0>(x) }>",
      "bool c; float[1, 4] x",
      from: 11, to: 21, "If"),
    Step(
      "y = AveragePool<kernel_shape = [3], strides = [2], ceil_mode = 1>(x)", "float[1, 2, N] x", from: 11,
      to: 22,
      "AveragePool"),
    Step(
      "i = ArgMax<axis = 1>(x); y = OneHot<axis = 0>(i, d, v)",
      "float[3, 4] x; const int64 d = {4}; const float[2] v", from: 9, to: 11, "ArgMax OneHot"),
  ]

  @Test(arguments: steps) func keepsResults(_ step: Step) throws {
    let before = try NamedModel(example: step.graph, given: step.given, opset: step.from)
    let model = try Self.converted(before, to: step.to)
    #expect(model.opset("", in: model.mainGraph) == step.to)
    #expect(Self.operators(of: model) == step.operators)
    let sources = try (before: source(before), after: source(model.named()))
    let report = try EquivalenceCheck(.rounding).compare(
      sources.before, sources.after,
      on: SeededInputs.sets(for: before.graph, includingNonFinite: false).map(\.tensors),
      runtime: OnnxRuntime.load())
    #expect(report.isEquivalent)
  }

  private func source(_ model: NamedModel) throws -> SessionSource {
    .bytes(try ONNXFormat.encode(model), name: "example")
  }

  // MARK: Versions that no runtime runs

  static let ancient: [Step] = [
    Step("y = Clip<min = 0.0>(x)", "double[2, 4] x", from: 10, to: 12, "Clip"),
    Step(
      "y = Add<broadcast = 1, axis = 1>(x, b)", "float[2, 3, 4] x; float[3] b", from: 6, to: 13,
      "Unsqueeze Add"),
    Step("y = Add<broadcast = 1>(x, b)", "float[2, 3, 4] x; float[4] b", from: 6, to: 13, "Add"),
    Step(
      "y = Mul<broadcast = 1, axis = -3>(x, b)", "float[2, 3, 4] x; const float[2] b", from: 5, to: 13, "Mul"),
    Step("y = PRelu(x, s)", "float[2, 3, 4] x; const float[3] s", from: 6, to: 16, "PRelu"),
    Step(
      "y = Reshape<shape = [3, 2], consumed_inputs = [0]>(x)", "float[2, 3] x", from: 1, to: 21, "Reshape"),
    Step(
      "y = Tile(x, n, a)", "float[2, 3] x; const float n = {3}; const float a = {1}", from: 1, to: 13, "Tile"),
    Step("y = Cast<to = \"FLOAT16\">(x)", "float[2, 3] x", from: 1, to: 21, "Cast"),
    Step("y = Concat(x, x)", "float[2, 3] x", from: 1, to: 13, "Concat"),
    Step(
      "y = Scatter<axis = 1>(x, i, u)", "float[2, 3] x; int64[1, 2] i; float[1, 2] u", from: 9, to: 18,
      "ScatterElements"),
    Step("y = Upsample<height_scale = 2.0, width_scale = 3.0>(x)", image, from: 1, to: 19, "Resize"),
    Step(
      "y = BatchNormalization<is_test = 1, consumed_inputs = [0]>(x, s, s, s, s)",
      "float[2, 3] x; const float[3] s",
      from: 1, to: 15, "BatchNormalization"),
  ]

  @Test(arguments: ancient) func convertsWhatNoRuntimeRuns(_ step: Step) throws {
    let model = try Self.converted(
      NamedModel(example: step.graph, given: step.given, opset: step.from), to: step.to)
    #expect(Self.operators(of: model) == step.operators)
    _ = try OnnxRuntime.load().makeSession(source(model.named()), .faithful)
  }

  // MARK: Refusals

  static let refused: [Step] = [
    Step("y = Dropout(x)", from: 6, to: 7, "dropout takes place"),
    Step("y, m = Dropout(x)", from: 9, to: 12, "its mask is read"),
    Step("y = BatchNormalization(x, s, s, s, s)", "float[2, 3] x; const float[3] s", from: 6, to: 9, "batch"),
    Step("y = Resize(x, s)", "float[1, 2, 6, 9] x; float[4] s", from: 10, to: 11, "enlarges"),
    Step(
      "y = OneHot(i, d, v)", "int64[3] i; const int64 d = {4}; const float[2] v", from: 9, to: 11,
      "indices below 0"),
    Step(
      "y = AveragePool<kernel_shape = [3], strides = [2], ceil_mode = 1, count_include_pad = 1>(x)",
      "float[1, 2, N] x", from: 11, to: 19, "windows"),
    Step(
      "y = MaxPool<kernel_shape = [1], strides = [9223372036854775807], ceil_mode = 1, pads = [0, 9]>(x)",
      "float[1, 2, N] x", from: 12, to: 22, "windows"),
    Step("y = Affine(x)", from: 7, to: 8, "has no operator Affine"),
    Step(
      "y = Add<broadcast = 1, axis = -9223372036854775807>(x, b)", "float[2, 3] x; float[2] b", from: 6,
      to: 7, "does not fit"),
  ]

  @Test(arguments: refused) func refusesWhatIsNotExact(_ step: Step) throws {
    let named = try NamedModel(example: step.graph, given: step.given, opset: step.from)
    let error = #expect(throws: ModelError.self) { try Self.converted(named, to: step.to) }
    #expect(error?.message.contains(step.operators) == true)
  }

  // MARK: Surroundings

  @Test func functionsAreConvertedByTheirOwnImports() throws {
    let text = """
      <ir_version: 8, opset_import: ["": 17, "local": 1]>
      main (float[2, 3] x) => (float[2] y) { y = local.F<over = [1]>(x) }
      <domain: "local", opset_import: ["": 15]> F <over> (a) => (b) {
        h = ReduceMax<axes : ints = @over, keepdims = 0>(a)
        b = Relu(h)
      }
      """
    let model = try Self.converted(NamedModel(parsing: text), to: 21)
    let function = model.graph(of: try #require(model.functions.first))
    #expect(model.opset("", in: function) == 21)
    #expect(
      model.nodes(of: function).map { model.operatorName(of: $0).name } == ["Constant", "ReduceMax", "Relu"])
    #expect(model.opset("local", in: model.mainGraph) == 1)
    _ = try OnnxRuntime.load().makeSession(source(model.named()), .faithful)
  }

  @Test func constantsThatWereInputsStayConstants() throws {
    let text = """
      <ir_version: 3, opset_import: ["": 8]>
      main (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Mul(x, w) }
      """
    let model = try Self.converted(NamedModel(parsing: text), to: 13)
    #expect(model.header.irVersion >= 7)
    #expect(model.inputs(of: model.mainGraph).map { model.name(of: $0) } == ["x"])
    #expect(model.initializers(of: model.mainGraph).map { model.name(of: $0) } == ["w"])
  }

  @Test func newerModelsStay() throws {
    let model = try Self.converted(NamedModel(example: "y = Relu(x)", opset: 22), to: 21)
    #expect(model.opset("", in: model.mainGraph) == 22)
  }

  // MARK: Tables

  /// Where a schema changed in a way that `followSchema` does not understand, there must be an adapter.
  @Test func everyChangeIsUnderstood() {
    for schema in Self.standardOperators {
      let versions = OperatorSchema.versions(of: schema)
      for (old, new) in zip(versions, versions.dropFirst()) {
        guard OpsetAdapters.adapter(for: schema.name, version: new.sinceVersion) == nil else { continue }
        let lost = old.attributes.filter { attribute in
          attribute.name != "consumed_inputs" && new.attribute(named: attribute.name) == nil
            && !new.inputs.contains { $0.name == attribute.name }
        }
        #expect(lost.isEmpty && !new.isDeprecated, "\(schema) \(old.sinceVersion) → \(new.sinceVersion)")
        #expect(
          zip(old.inputs, new.inputs).allSatisfy { $0.name == $1.name }, "\(schema) \(new.sinceVersion)")
      }
    }
  }

  private static let standardOperators = Set(
    SchemaTable.allLines.map { SchemaLine($0).operatorName }.filter(\.isStandard)
  ).sorted { $0.name < $1.name }

  @Test(arguments: [("1.32.0", 24), ("1.22", 22), ("1.17.3", 20), ("1.99", 24), ("2.0", nil), ("new", nil)])
  func runtimesHaveOpsets(_ version: String, _ opset: Int?) {
    #expect(RuntimeOpsets.newest(forONNXRuntime: version) == opset)
  }

  @Test func operatorsWithoutKernelsLimitTheTarget() throws {
    let model = try Model(NamedModel(example: "y = Bernoulli(x)"))
    #expect(RuntimeOpsets.newest(forONNXRuntime: "1.32.0", running: model) == 21)
  }
}
