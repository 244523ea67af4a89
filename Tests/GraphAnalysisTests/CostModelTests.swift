import GraphAnalysis
import GraphIR
import Testing

@Suite struct CostModelTests {
  private func cost(_ text: String, _ bindings: [String: Int] = [:]) throws -> CostModel {
    var model = try parsed(text)
    ShapeInference.run(on: &model)
    return CostModel(model, bindings: bindings)
  }

  @Test func aConvolution() throws {
    let text = """
      g (float[N,4,8,8] x) => (y) <float[6,2,3,3] w, float[6] b>
      {
        w = ConstantOfShape (s)
        s = Constant <value_ints = [6, 2, 3, 3]> ()
        y = Conv <group = 2, pads = [1, 1, 1, 1]> (x, w)
      }
      """
    let one = try cost(text)
    #expect(one.nodes == 2)
    #expect(one.macs == 6 * 8 * 8 * 2 * 3 * 3)
    #expect(try cost(text, ["N": 3]).macs == 3 * one.macs)
  }

  @Test(arguments: [
    ("float[2,3] x, float[3,5] w", "y = MatMul (x, w)", 30),
    ("float[B,2,3] x, float[3,5] w", "y = MatMul (x, w)", 30),
    ("float[3,2] x, float[5,3] w", "y = Gemm <transA = 1, transB = 1> (x, w)", 30),
    ("float[1,4,5] x, float[4,2,3] w", "y = ConvTranspose (x, w)", 4 * 5 * 2 * 3),
    ("float[2,3] x, float[3,5] w", "y = Einsum <equation = \"ij,jk->ik\"> (x, w)", 30),
    (
      "float[S,2,3] x, float[1,20,3] w", "r = ConstantOfShape (s)  y = LSTM <hidden_size = 5> (x, w, r)",
      2 * 20 * 8
    ),
    ("float[2,3] x, float[2,3] w", "y = Add (x, w)", 0),
    (
      "float[2,40] x, uint8[5,2,16] w, float[5,2] t",
      "y = com.microsoft.MatMulNBits <K = 40, N = 5, bits = 4, block_size = 32> (x, w, t)", 2 * 40 * 5
    ),
  ])
  func multiplications(_ inputs: String, _ code: String, _ macs: Int) throws {
    let totals = try cost("g (\(inputs)) => (y) <int64[3] s = {1, 20, 5}> { \(code) }")
    #expect(totals.macs == macs)
    #expect(totals.unsizedNodes == 0)
  }

  @Test func aSharedWeightCountsOnce() throws {
    var model = try parsed(
      "g (float[4] x) => (y) <float[4] w = {1, 2, 3, 4}, int64[1] i = {0}> { a = Mul (x, w)  b = Add (a, w)  y = Gather (b, i) }"
    )
    ShapeInference.run(on: &model)
    let cost = CostModel(model)
    #expect(cost.parameters == 4)
    #expect(cost.weightBytes == 16 + 8)
    let nodes = model.nodes(of: model.mainGraph)
    #expect(nodes.map { cost.parameters(of: $0) } == [4, 4, 0])
    #expect(cost.parameters(onlyReadBy: [nodes[0]]) == 0)
    #expect(cost.parameters(onlyReadBy: nodes) == 4)
  }

  @Test func valuesDieAfterTheirLastReader() throws {
    // x (16 bytes) lives until the addition; of a and b one at a time lives beside it and the next.
    let totals = try cost("g (float[4] x) => (y) { a = Relu (x)  b = Relu (a)  y = Add (b, x) }")
    #expect(totals.peakBytes == 3 * 16)
  }

  @Test func anIfCostsItsDearerBranch() throws {
    let totals = try cost(
      """
      g (bool c, float[2,3] x, float[3,5] w) => (y)
      {
        y = If (c) <
          then_branch = a () => (p) { p = MatMul (x, w) },
          else_branch = b () => (q) { h = MatMul (x, w)  q = Relu (h) }
        >
      }
      """)
    #expect(totals.macs == 30)
    #expect(totals.nodes == 4)
  }

  @Test func treesCountTheirNumbers() throws {
    let totals = try cost(
      "g (float[N,2] x) => (y) { y = ai.onnx.ml.TreeEnsembleRegressor <nodes_values = [0.5, 0.0, 0.0], "
        + "target_weights = [1.0, 2.0], nodes_featureids = [0, 0, 0]> (x) }")
    #expect(totals.parameters == 5)
    #expect(totals.weightBytes == 5 * 4 + 3 * 8)
  }
}
