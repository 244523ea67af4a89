import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@Suite struct ShapeInferenceTests {
  @Test func aComputedShapeIsFollowed() throws {
    var model = try parsed(
      """
      g (float[N,S,64] x) => (y) <int64 zero = {0}, int64 one = {1}, int64[1] heads = {4}, int64[1] rest = {-1}>
      {
        s = Shape (x)
        n = Gather (s, zero)
        t = Gather (s, one)
        product = Mul (n, t)
        axis = Constant <value_ints = [0]> ()
        first = Unsqueeze (product, axis)
        target = Concat <axis = 0> (first, heads, rest)
        y = Reshape (x, target)
      }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("y") == "float[N*S,4,16]")
    let values = SymbolicValues(of: model)
    let target = try #require(model.value("target"))
    #expect(values[target]?.map(\.description) == ["N*S", "4", "-1"])
  }

  @Test func theSameModelAgainChangesNothing() throws {
    var model = try parsed("g (float[N,4] x) => (y) { h = Relu (x)  y = Softmax (h) }")
    ShapeInference.run(on: &model)
    let edition = model.edition
    ShapeInference.run(on: &model)
    #expect(model.edition == edition)
  }

  @Test func inferredTypesWinOverDeclaredOnes() throws {
    var model = try parsed(
      """
      g (float[N,4] x) => (float[1,5] y) <float[M,4] h, float[1,4] k>
      {
        h = Relu (x)
        k = Relu (h)
        y = Sigmoid (k)
      }
      """)
    let findings = ShapeInference.run(on: &model)
    #expect(model.typeText("h") == "float[N,4]")
    // A number left over from another batch size contradicts nothing, and is not believed.
    #expect(model.typeText("k") == "float[N,4]")
    #expect(model.typeText("y") == "float[N,4]")
    #expect(
      findings.map(\.description) == [
        "node → y (Sigmoid): declares 'y' as float[1,5], but computes float[N,4]"
      ])
  }

  @Test func declaredTypesHelpWhereOperatorsAreUnknown() throws {
    var model = try parsed(
      "g (float[N,4] x) => (y) <float[N,8] h> { h = local.Strange (x)  y = Relu (h) }")
    #expect(ShapeInference.run(on: &model).isEmpty)
    #expect(model.typeText("y") == "float[N,8]")
  }

  @Test func branchesKeepWhatTheyHaveInCommon() throws {
    var model = try parsed(
      """
      g (float[N,4] x, float[N,6] z, bool c) => (y)
      {
        y = If (c) <
          then_branch = a () => (p) { p = Relu (x) },
          else_branch = b () => (q) { q = Relu (z) }
        >
      }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("y") == "float[N,?]")
    #expect(model.typeText("q") == "float[N,6]")
  }

  @Test func aKnownConditionTakesItsBranch() throws {
    var model = try parsed(
      """
      g (float[1,4] x) => (y) <int64 one = {1}, int64[1] axis = {0}>
      {
        s = Shape <start = 0, end = 1> (x)
        n = Squeeze (s, axis)
        c = Equal (n, one)
        y = If (c) <
          then_branch = a () => (p) { p = Squeeze (x, axis) },
          else_branch = b () => (q) { q = Identity (x) }
        >
      }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("y") == "float[4]")
  }

  @Test func sizesThatChangeInALoopBecomeUnknown() throws {
    var model = try parsed(
      """
      g (float[N,4] x, int64 count) => (last, all)
      {
        last, kept, all = Loop (count, , x, x) <
          body = b (int64 i, bool c, float[N,4] state, float[N,4] fixed) => (c2, next, same, scan)
          {
            c2 = Identity (c)
            next = Concat <axis = 0> (state, fixed)
            same = Relu (fixed)
            scan = ReduceSum <keepdims = 0> (state)
          }
        >
      }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("last") == "float[?,4]")
    #expect(model.typeText("kept") == "float[N,4]")
    #expect(model.typeText("all") == "float[?]")
  }

  @Test func aScanKnowsItsLength() throws {
    var model = try parsed(
      """
      g (float[4] h, float[T,4] x) => (last, all)
      {
        last, all = Scan <num_scan_inputs = 1,
          body = b (float[4] state, float[4] step) => (next, out) { next = Add (state, step)  out = Relu (next) }
        > (h, x)
      }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("last") == "float[4]")
    #expect(model.typeText("all") == "float[T,4]")
  }

  private static let functions = """
    <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
    g (float[N,4] x, float[N,6] z) => (y, w)
    {
      y = local.half <which = 1> (x)
      w = local.half <which = 1> (z)
    }
    <domain: "local", opset_import: ["" : 21]>
    half <which> (v) => (first)
    {
      first, second = Split <axis: int = @which, num_outputs = 2> (v)
    }
    """

  @Test func callsAreInferredWithTheirOwnInputs() throws {
    var model = try parsed(Self.functions)
    ShapeInference.run(on: &model)
    #expect(model.typeText("y") == "float[N,2]")
    #expect(model.typeText("w") == "float[N,3]")
    // Inside, only what all calls have in common is stored.
    #expect(model.typeText("first") == "float[N,?]")
  }

  @Test func callsWithoutEndAreCutOff() throws {
    var model = try parsed(
      """
      <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
      g (float[N,4] x) => (y) { y = local.again (x) }
      <domain: "local", opset_import: ["" : 21, "local" : 1]>
      again (v) => (w) { a = local.again (v)  b = local.again (a)  w = Relu (b) }
      """)
    ShapeInference.run(on: &model)
    #expect(model.typeText("y") == "?")
  }

  @Test func insertedNodesGetTypes() throws {
    var model = try parsed("g (float[N,4] x) => (y) { y = Relu (x) }")
    let x = try #require(model.value("x"))
    let node = model.edit(as: "test") { rewriter in
      rewriter.append(
        OperatorName("Transpose"), inputs: [x], outputs: [nil], to: rewriter.model.mainGraph)
    }
    #expect(
      ShapeInference.outputTypes(of: node, in: model).map { "\($0.map(\.description) ?? "?")" } == [
        "float[4,N]"
      ])
  }
}
