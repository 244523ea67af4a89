import Evaluation
import GraphAnalysis
import GraphIR
import PassPipeline
import Passes
import TensorCore
import Testing

/// What examples cannot say of the passes in `Passes/Cleanup`: initializers, functions, scopes, limits.
@Suite struct CleanupTests {
  private func apply(
    _ pipeline: String, to named: NamedModel, evaluator: (any ConstantEvaluator)? = nil
  ) throws -> (model: Model, notes: [String]) {
    var model = try Model(named)
    ShapeInference.run(on: &model)
    let report = try PassManager(registry: .builtIn).run(
      Pipeline(parsing: pipeline), on: &model, in: PassContext(evaluator: evaluator))
    return (model, report.notes)
  }

  private func operators(_ model: Model, of graph: GraphID) -> [String] {
    model.nodes(of: graph).map { model.operatorName(of: $0).name }
  }

  private func initializers(_ model: Model) -> [String] {
    model.initializers(of: model.mainGraph).map { model.name(of: $0) }
  }

  // MARK: Dead nodes

  @Test func unreadInitializersGoAndInputsStay() throws {
    var named = try NamedModel(example: "const float[3] w; const float[3] d; y = Add(x, w)")
    named.graph.inputs.append(NamedValue("unused", AnnotatedType(.tensor(.float32, [3]))))
    named.graph.inputs.append(NamedValue("d", AnnotatedType(.tensor(.float32, [3]))))
    let model = try apply("eliminate-dead-nodes", to: named).model
    #expect(initializers(model) == ["w"])
    #expect(model.inputs(of: model.mainGraph).map { model.name(of: $0) } == ["x", "unused", "d"])
    #expect(
      model.named().graph.initializers.map(\.name).sorted() == ["d", "w"], "the default of an input stays")
  }

  @Test func whatOnlyDeadBodiesReadIsDead() throws {
    let text = """
      a = Neg(x); b = Exp(x)
      y = If(c) <
        then_branch = t () => (u) { u = Relu(x) v = Sigmoid(a) },
        else_branch = e () => (w) { w = Add(x, b) }>
      """
    let model = try apply("eliminate-dead-nodes", to: NamedModel(example: text, given: "bool c")).model
    #expect(operators(model, of: model.mainGraph) == ["Exp", "If"])
  }

  @Test func functionsThatNothingCallsGo() throws {
    let model = try apply("eliminate-dead-nodes", to: NamedModel(parsing: Self.functions)).model
    #expect(model.functions.map { model.name(of: $0).name } == ["Used", "Inner"])
  }

  private static let functions = """
    <ir_version: 10, opset_import: ["": 21, "local": 1]>
    main (float[N] x) => (float[N] y) { y = local.Used(x) }
    <domain: "local", opset_import: ["": 21, "local": 1]> Used (a) => (b) { b = local.Inner(a) }
    <domain: "local", opset_import: ["": 21]> Inner (a) => (b) { b = Relu(a) }
    <domain: "local", opset_import: ["": 21, "local": 1]> Unused (a) => (b) { b = local.Recursive(a) }
    <domain: "local", opset_import: ["": 21, "local": 1]> Recursive (a) => (b) { b = local.Unused(a) }
    """

  // MARK: Common subexpressions

  @Test func bodiesReuseWhatIsAroundThemAndNotTheOtherWayRound() throws {
    let text = """
      a = Exp(x)
      y = If(c) <
        then_branch = t () => (u) { p = Exp(x) q = Neg(x) u = Add(p, q) },
        else_branch = e () => (w) { q = Neg(x) r = Neg(x) w = Add(q, r) }>
      b = Neg(x); z = Add(a, b)
      """
    let model = try apply("eliminate-common-subexpressions", to: NamedModel(example: text, given: "bool c"))
      .model
    #expect(operators(model, of: model.mainGraph) == ["Exp", "If", "Neg", "Add"])
    let branches = model.allNodes.flatMap { model.bodies(of: $0) }.map { operators(model, of: $0) }
    #expect(branches == [["Neg", "Add"], ["Neg", "Add"]])
  }

  @Test func outputsThatAreAlikeKeepTheirNames() throws {
    let model = try apply(
      "eliminate-common-subexpressions", to: NamedModel(example: "y = Exp(x); z = Exp(x)")
    ).model
    #expect(operators(model, of: model.mainGraph) == ["Exp", "Identity"])
    #expect(model.named().graph.outputs.map(\.name) == ["y", "z"])
  }

  @Test func theOrderOfAttributesAndWrittenDefaultsDoNotMatter() throws {
    let text = """
      a = Gemm<alpha = 2.0, transB = 1>(x, w); b = Gemm<transB = 1, alpha = 2.0, beta = 1.0>(x, w)
      c = Gemm<transB = 1, alpha = 3.0>(x, w); y = Add(a, b); z = Add(y, c)
      """
    let model = try apply(
      "eliminate-common-subexpressions", to: NamedModel(example: text, given: "float[2, 2] x, w")
    ).model
    #expect(operators(model, of: model.mainGraph) == ["Gemm", "Gemm", "Add", "Add"])
  }

  @Test func functionsThatAreRandomAreNotMerged() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[N] x) => (float[N] y, float[N] z) {
        a = local.Noise(x) b = local.Noise(x) y = Sub(a, b)
        c = local.Plain(x) d = local.Plain(x) z = Sub(c, d)
      }
      <domain: "local", opset_import: ["": 21]> Noise (a) => (b) { b = RandomNormalLike(a) }
      <domain: "local", opset_import: ["": 21]> Plain (a) => (b) { b = Relu(a) }
      """
    let model = try apply("eliminate-common-subexpressions", to: NamedModel(parsing: text)).model
    #expect(operators(model, of: model.mainGraph) == ["Noise", "Noise", "Sub", "Plain", "Sub"])
  }

  // MARK: Initializers

  /// Weights that agree in every byte that is sampled, and are not equal.
  @Test(arguments: [2, 3, 5]) func weightsThatDifferBetweenSamplesStay(count: Int) throws {
    let size = 1 << 16
    var weights = try (0..<count).map { index in
      var values = [Float](repeating: 1, count: size)
      values[size / 2 + 100 * index] = 2
      return try Tensor(float32: values)
    }
    weights.append(weights[0])
    #expect(Set(weights.map(\.sampledHash)).count == 1)
    let sum = (0...count).map { "y\($0) = Add(x, w\($0))" }.joined(separator: "; ")
    var named = try NamedModel(example: sum, given: "float[\(size)] x")
    named.graph.inputs.removeAll { $0.name.hasPrefix("w") }
    named.graph.initializers = weights.enumerated().map { NamedTensor($1, name: "w\($0)") }
    let model = try apply("deduplicate-initializers, eliminate-dead-nodes", to: named).model
    #expect(initializers(model) == (0..<count).map { "w\($0)" })
  }

  @Test func overridableInitializersAreNoDuplicates() throws {
    var named = try NamedModel(
      example: "a = Add(x, p); y = Add(a, q)", given: "const float[3] p = 1; const float[3] q = 1")
    #expect(try initializers(apply("deduplicate-initializers", to: named).model) == ["p"])
    named.graph.inputs.append(NamedValue("q", AnnotatedType(.tensor(.float32, [3]))))
    let model = try apply("deduplicate-initializers", to: named).model
    #expect(model.named().graph.initializers.map(\.name).sorted() == ["p", "q"])
  }

  @Test func constantsOfBodiesAreLiftedAndThoseOfFunctionsStay() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (bool c, float[N] x) => (float[N] y) {
        h = If(c) <
          then_branch = t () => (float[N] u) { k = Constant<value_float = 2.0>() u = Mul(x, k) },
          else_branch = e () => (float[N] w) { k = Constant<value_float = 3.0>() w = Mul(x, k) }>
        y = local.F(h)
      }
      <domain: "local", opset_import: ["": 21]> F (a) => (b) { k = Constant<value_float = 4.0>() b = Mul(a, k) }
      """
    let model = try apply("lift-constants", to: NamedModel(parsing: text)).model
    #expect(model.initializers(of: model.mainGraph).count == 2)
    #expect(model.allNodes.filter { model.operatorName(of: $0).name == "Constant" }.count == 1)
  }

  // MARK: Folding

  @Test func oneNodeThatCannotBeComputedDoesNotKeepTheOthers() throws {
    let text = "a = Mul(p, q); b = Exp(p); c = Neg(b); s = Add(a, c); y = Add(x, s)"
    let named = try NamedModel(example: text, given: "const float[3] p, q")
    let evaluator = Refusing("Exp", try RuntimeConstantEvaluator(OnnxRuntime.load()))
    let (model, notes) = try apply("fold-constants", to: named, evaluator: evaluator)
    #expect(operators(model, of: model.mainGraph) == ["Exp", "Neg", "Add", "Add"])
    #expect(notes.count == 1 && notes[0].contains("(Exp)"))
  }

  @Test func withoutARuntimeOnlySizesAreFolded() throws {
    let text = "s = Shape(x); f = Cast<to = 1>(s); p = Add(f, f); q = Neg(k); y = Add(x, p); z = Add(x, q)"
    let named = try NamedModel(example: text, given: "float[2, 2] x; const float[2] k")
    let model = try apply("fold-constants, eliminate-dead-nodes", to: named).model
    #expect(operators(model, of: model.mainGraph) == ["Cast", "Add", "Neg", "Add", "Add"])
  }

  @Test(arguments: [(100, 1), (1_000_000, 0)]) func theModelGrowsWithinTheLimit(_ limit: Int, _ left: Int)
    throws
  {
    let named = try NamedModel(
      example: "t = Transpose(w); y = MatMul(x, w); z = MatMul(x, t)",
      given: "float[N, 8] x; const float[8, 8] w")
    let evaluator = try RuntimeConstantEvaluator(OnnxRuntime.load())
    let model = try apply("fold-constants{limit=\(limit)}", to: named, evaluator: evaluator).model
    #expect(operators(model, of: model.mainGraph).filter { $0 == "Transpose" }.count == left)
  }

  @Test func weightsThatOnlyOneNodeReadsAreFoldedWhateverTheirSize() throws {
    let named = try NamedModel(
      example: "t = Transpose(w); z = MatMul(x, t)", given: "float[N, 8] x; const float[8, 8] w")
    let evaluator = try RuntimeConstantEvaluator(OnnxRuntime.load())
    let model = try apply("fold-constants{limit=0}", to: named, evaluator: evaluator).model
    #expect(operators(model, of: model.mainGraph) == ["MatMul"])
  }

  @Test func constantsInBodiesAndFunctionsAreFolded() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (bool c, float[N] x) => (float[N] y) <float k = {2.0}> {
        h = If(c) <
          then_branch = t () => (float[N] u) { j = Exp(k) u = Mul(x, j) },
          else_branch = e () => (float[N] w) { w = Neg(x) }>
        y = local.F(h)
      }
      <domain: "local", opset_import: ["": 21]> F (a) => (b) {
        k = Constant<value_float = 4.0>() j = Exp(k) b = Mul(a, j)
      }
      """
    let evaluator = try RuntimeConstantEvaluator(OnnxRuntime.load())
    let model = try apply("fold-constants", to: NamedModel(parsing: text), evaluator: evaluator).model
    #expect(!model.allNodes.contains { model.operatorName(of: $0).name == "Exp" })
  }

  @Test func foldedOutputsSettle() throws {
    let named = try NamedModel(example: "h = Exp(k); y = Neg(h); z = Identity(x)", given: "const float[2] k")
    let evaluator = try RuntimeConstantEvaluator(OnnxRuntime.load())
    let (model, notes) = try apply("fixpoint(fold-constants)", to: named, evaluator: evaluator)
    #expect(operators(model, of: model.mainGraph).allSatisfy { $0 == "Identity" })
    #expect(notes.isEmpty)
  }
}

/// Fails at every model that has a certain operator.
private struct Refusing<Wrapped: ConstantEvaluator>: ConstantEvaluator {
  let op: String
  let wrapped: Wrapped

  init(_ op: String, _ wrapped: Wrapped) {
    self.op = op
    self.wrapped = wrapped
  }

  func evaluate(_ model: Model) throws -> [Tensor] {
    guard !model.allNodes.contains(where: { model.operatorName(of: $0).name == op }) else {
      throw RuntimeError("no kernel for \(op)")
    }
    return try wrapped.evaluate(model)
  }
}
