import GraphIR
import Rewriting
import TensorCore
import Testing

/// What old files can say and newer ones cannot: rules leave it alone, or keep to its form.
@Suite struct OldModelsTests {
  private let x = Var("x"), c = Constant("c")

  @Test func broadcastingAlongAnAxisMatchesNothing() throws {
    let rewrite = Op.Add(x, c) => x
    let given = "float[2, 3, 4] x; const float[3] c"
    let alongAxis = try Drive("y = Add<axis = 1, broadcast = 1>(x, c)", given: given, opset: 6, rewrite)
    #expect(alongAxis.statistics.applications == 0)
    let same = try Drive(
      "y = Add<broadcast = 0>(x, c)", given: "float[3] x; const float[3] c", opset: 6, rewrite)
    #expect(same.statistics.applications == 1)
  }

  @Test func statisticsForEachPositionMatchNothing() throws {
    let norm = Op.BatchNormalization(x, c, c, c, c) => x
    let given = "float[2, 3] x; const float[3] c"
    let positions = try Drive(
      "y = BatchNormalization<spatial = 0>(x, c, c, c, c)", given: given, opset: 7, norm)
    #expect(positions.statistics.applications == 0)
    let channels = try Drive(
      "y = BatchNormalization<spatial = 1>(x, c, c, c, c)", given: given, opset: 7, norm)
    #expect(channels.statistics.applications == 1)
  }

  @Test func newNodesDoNotRelyOnBroadcastingBefore7() throws {
    let drive = try Drive("y = Neg(x)", opset: 6, Op.Neg(x) => Op.Mul(x, Tensor(float32: [-1], [])))
    #expect(drive.refusals == ["Mul does not broadcast by itself in version 6"])
  }

  @Test func attributesOf32BitsTakeOnlyWhatTheyHold() throws {
    let bound = try Tensor(.float64, rounding: [0.1], [])
    let drive = try Drive(
      "y = Neg(x)", given: "double[3] x", opset: 10, Op.Neg(x) => Op.Clip(x, Term.absent, bound))
    #expect(drive.refusals.count == 1)
  }

  @Test func constantsStayConstantBeforeIRVersion4() throws {
    var named = try NamedModel(example: "y = Mul(x, c)", given: "float[2] x; const float[2] c", opset: 8)
    named.header.irVersion = 3
    named.graph.inputs.append(NamedValue("c", AnnotatedType(.tensor(.float32, [2]))))
    var model = try Model(named)
    let new = try Tensor(float32: [1, 2])
    let value = model.edit(as: "test") { $0.addConstant(new, in: $0.model.mainGraph) }
    #expect(model.header.irVersion == 3)
    #expect(model.constant(value)?.isIdentical(to: new) == true)
    let written = model.named().graph
    #expect(written.inputs.count == 3)
    #expect(written.initializers.allSatisfy { tensor in written.inputs.contains { $0.name == tensor.name } })
    let old = try #require(model.inputs(of: model.mainGraph).first { model.name(of: $0) == "c" })
    #expect(model.constant(old) != nil)
  }
}
