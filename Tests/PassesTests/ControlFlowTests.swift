import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import Passes
import TensorCore
import Testing

@testable import PassTestKit

/// Functions, and bodies inside bodies: what the examples of `Passes/ControlFlow` cannot say.
@Suite struct ControlFlowTests {
  /// The model after the pipeline; it computes what it did before.
  private func apply(_ pipeline: String, to text: String) throws -> Model {
    let named = try NamedModel(parsing: text)
    let model = try transformed(named, by: pipeline)
    let report = try EquivalenceCheck(.bitwise).compare(
      .bytes(ONNXFormat.encode(named), name: "before"),
      .bytes(ONNXFormat.encode(model.named()), name: "after"),
      on: SeededInputs.sets(for: named.graph, includingNonFinite: false).map(\.tensors),
      runtime: OnnxRuntime.load())
    #expect(report.isEquivalent)
    return model
  }

  /// The same for models that no runtime takes.
  private func transformed(_ named: NamedModel, by pipeline: String) throws -> Model {
    var model = try Model(named)
    ShapeInference.run(on: &model)
    let manager = PassManager(registry: .builtIn, instrumentation: Instrumentation(verifiesEach: true))
    _ = try manager.run(Pipeline(parsing: pipeline), on: &model, in: PassContext())
    return model
  }

  private func operators(_ model: Model) -> [String] {
    model.allNodes.map { model.operatorName(of: $0).name }
  }

  @Test func callsBecomeNodesWithTheirAttributes() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { a = local.Outer<slope = 0.5>(x) y = local.Outer(a) }
      <domain: "local", opset_import: ["": 21, "local": 1]> Outer <slope: float = 0.25> (a) => (b) {
        h = local.Inner<alpha : float = @slope>(a)
        b = Neg(h)
      }
      <domain: "local", opset_import: ["": 21]> Inner <alpha> (a, low) => (b) {
        h = LeakyRelu<alpha : float = @alpha>(a)
        b = Clip(h, low)
      }
      """
    let model = try apply("inline-functions", to: text)
    #expect(operators(model) == ["LeakyRelu", "Clip", "Neg", "LeakyRelu", "Clip", "Neg"])
    #expect(model.functions.isEmpty)
    let slopes = model.allNodes.compactMap { model.attribute("alpha", of: $0)?.float }
    #expect(slopes == [0.5, 0.25])
  }

  @Test func nodesHaveNamesOfTheirOwn() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { [n0] a = local.F(x) [n1] b = local.F(a) [n2] y = Neg(b) }
      <domain: "local", opset_import: ["": 21]> F (a) => (b) { [n0] h = Exp(a) [n2] b = Neg(h) }
      """
    let names = try apply("inline-functions", to: text).named().graph.nodes.map(\.name)
    #expect(Set(names).count == 5)
    #expect(names.first == "n0")
  }

  @Test func bodiesInFunctionsAreCopied() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x, bool c) => (float[2, 3] y, float[2, 3] z) { y = local.F(c, x) z = local.F(c, y) }
      <domain: "local", opset_import: ["": 21]> F (c, a) => (b) {
        h = Exp(a)
        b = If(c) <then_branch = t () => (u) { u = Mul(a, h) }, else_branch = e () => (w) { w = Neg(h) }>
      }
      """
    let model = try apply("inline-functions", to: text)
    #expect(operators(model).filter { $0 == "If" }.count == 2)
    #expect(operators(model).count == 8)
  }

  @Test func functionsWithOtherVersionsStay() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { y = local.F(x) }
      <domain: "local", opset_import: ["": 20]> F (a) => (b) { b = Flatten(a) }
      """
    #expect(operators(try apply("inline-functions", to: text)).contains("F"))
    #expect(operators(try apply("convert-opset{to=21}, inline-functions", to: text)) == ["Flatten"])
  }

  @Test func branchesInBranchesAreInlined() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21]>
      main (float[2, 3] x, bool c) => (float[2, 3] y) <bool yes = {1}> {
        y = If(yes) <
          then_branch = t () => (float[2, 3] u) <float k = {2}> {
            v = If(c) <
              then_branch = tt () => (float[2, 3] p) { p = Mul(x, k) },
              else_branch = te () => (float[2, 3] q) { q = Neg(x) }>
            u = Add(v, k)
          },
          else_branch = e () => (float[2, 3] w) { w = Relu(x) }>
      }
      """
    #expect(operators(try apply("inline-if", to: text)) == ["If", "Add", "Mul", "Neg"])
  }

  @Test func branchesThatReturnWhatIsAroundThemAreInlined() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21]>
      main (float[2, 3] x, bool c) => (float[2, 3] y, float[2, 3] z, float[2, 3] v) <bool yes = {1}, float[2, 3] k = {1, 2, 3, 4, 5, 6}> {
        h = Exp(x)
        y, z = If(yes) <
          then_branch = t () => (float[2, 3] k, float[2, 3] x) {},
          else_branch = e () => (float[2, 3] x, float[2, 3] h) {}>
        v = If(c) <
          then_branch = tt () => (float[2, 3] h) {},
          else_branch = te () => (float[2, 3] h) {}>
      }
      """
    let model = try transformed(NamedModel(parsing: text), by: "inline-if")
    #expect(Set(operators(model)) == ["Exp", "Identity"])
  }

  @Test func loopsThatRunOncePassOnWhatTheyGet() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 11]>
      main (float[2, 3] x) => (float[2, 3] y, float[2, 3] z, float[1, 2, 3] v, int64[1, 1] k)
        <int64 n = {1}, bool go = {1}> {
        y, z, v, k = Loop(n, go, x, x) <body = b (int64[1] i, bool c, float[2, 3] s, float[2, 3] r) =>
          (bool c, float[2, 3] r, float[2, 3] t, float[2, 3] u, int64[1] j) { t = Neg(s) u = Exp(s) j = Add(i, i) }>
      }
      """
    let model = try apply("inline-loop", to: text)
    #expect(Set(operators(model)) == ["Identity", "Neg", "Exp", "Add", "Unsqueeze"])
  }

  @Test func loopsThatReturnTheirIterationNumberAreKept() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21]>
      main () => (int64[K] k) <int64 n = {1}> {
        k = Loop(n, ) <body = b (int64 i, bool c) => (bool c, int64 i) {}>
      }
      """
    #expect(operators(try transformed(NamedModel(parsing: text), by: "inline-loop")) == ["Loop"])
  }

  @Test func loopsWhoseStateGrowsAreKept() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21]>
      main (float[N, 3] x) => (float[M, 3] y, float[M2, 3] z) <int64 n = {3}> {
        y, z = Loop(n, , x, x) <body = b (int64 i, bool c, float[A, 3] s, float[B, 3] f) =>
          (bool d, float[C, 3] t, float[B, 3] f) { d = Identity(c) t = Concat<axis = 0>(s, f) }>
      }
      """
    let model = try apply("trim-loops", to: text)
    let loop = try #require(model.allNodes.first { model.operatorName(of: $0).name == "Loop" })
    #expect(model.inputCount(of: loop) == 3)
  }

  @Test func optionalInputsOfFunctionsMayBeLeftOut() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y, float[2, 3] z) <float low = {0}> {
        y = local.F(x)
        z = local.F(x, low)
      }
      <domain: "local", opset_import: ["": 21]> F (a, low, high) => (b) { b = Clip(a, low, high) }
      """
    #expect(operators(try apply("inline-functions", to: text)) == ["Clip", "Clip"])
  }

  @Test func functionsReturnWhatTheyGet() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y, float[2, 3] z) { y, z = local.F(x) }
      <domain: "local", opset_import: ["": 21]> F (a) => (a, b) { b = Neg(a) }
      """
    let model = try transformed(NamedModel(parsing: text), by: "inline-functions")
    #expect(operators(model) == ["Neg", "Identity"])
  }

  @Test func attributesThatMayHaveNoValueArePassedOnWhereTheCallIsKnown() throws {
    func text(_ call: String) -> String {
      """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { y = local.Outer\(call)(x) }
      <domain: "local", opset_import: ["": 21, "local": 1]> Outer <slope> (a) => (b) {
        b = local.Inner<alpha : float = @slope>(a)
      }
      <domain: "local", opset_import: ["": 21]> Inner <alpha: float = 0.5> (a) => (b) {
        b = LeakyRelu<alpha : float = @alpha>(a)
      }
      """
    }
    for (call, alpha) in [("", Float(0.5)), ("<slope = 0.25>", 0.25)] {
      let model = try transformed(NamedModel(parsing: text(call)), by: "inline-functions")
      #expect(model.allNodes.map { model.attribute("alpha", of: $0)?.float } == [alpha])
    }
  }

  @Test func versionsWithTheSameSchemaMeanTheSame() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { y = local.F(x) }
      <domain: "local", opset_import: ["": 18]> F (a) => (b) { h = Exp(a) b = Relu(h) }
      """
    #expect(operators(try apply("inline-functions", to: text)) == ["Exp", "Relu"])
  }

  @Test func growthIsLimited() throws {
    let count = 40
    let functions = (1..<count).map { number in
      """
      <domain: "local", opset_import: ["": 21, "local": 1]> F\(number) (a) => (b) {
        h = local.F\(number - 1)(a)
        b = local.F\(number - 1)(h)
      }
      """
    }
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { y = local.F\(count - 1)(x) }
      <domain: "local", opset_import: ["": 21]> F0 (a) => (b) { h = Neg(a) b = Exp(h) }
      \(functions.joined(separator: "\n"))
      """
    var model = try Model(NamedModel(parsing: text))
    let report = try PassManager(registry: .builtIn, instrumentation: Instrumentation(verifiesEach: true))
      .run(
        Pipeline(parsing: "inline-functions{growth=1000}"), on: &model, in: PassContext())
    #expect(model.allNodes.count < 1200)
    #expect(report.notes.contains { $0.contains("too large") })
  }

  @Test func depthIsLimited() throws {
    let count = 40
    let functions = (1..<count).map { number in
      """
      <domain: "local", opset_import: ["": 21, "local": 1]> F\(number) (c, a) => (b) {
        b = If(c) <then_branch = t () => (u) { u = local.F\(number - 1)(c, a) },
          else_branch = e () => (w) { w = Neg(a) }>
      }
      """
    }
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (bool c, float[2, 3] x) => (float[2, 3] y) { y = local.F\(count - 1)(c, x) }
      <domain: "local", opset_import: ["": 21]> F0 (c, a) => (b) { b = Exp(a) }
      \(functions.joined(separator: "\n"))
      """
    let model = try apply("inline-functions", to: text)
    let depths = model.allGraphs.map { graph in
      sequence(first: graph) { model.parent(of: $0) }.reduce(0) { count, _ in count + 1 }
    }
    #expect((depths.max() ?? 0) <= 17)
  }

  @Test func recursionIsLeftAlone() throws {
    let text = """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      main (float[2, 3] x) => (float[2, 3] y) { y = local.F(x) }
      <domain: "local", opset_import: ["": 21, "local": 1]> F (a) => (b) { b = local.G(a) }
      <domain: "local", opset_import: ["": 21, "local": 1]> G (a) => (b) { b = local.F(a) }
      """
    let model = try transformed(NamedModel(parsing: text), by: "inline-functions")
    #expect(operators(model) == ["F", "G", "F"])
  }
}
