import GraphAnalysis
import GraphIR
import Testing

/// In which numbers layers are stored and run.
@Suite struct LayerPrecisionTests {
  private func state(_ inputs: String, _ code: String) throws -> QuantizationState {
    var model = try parsed("g (\(inputs)) => (y) { \(code) }")
    ShapeInference.run(on: &model)
    return QuantizationState(model, CostModel(model))
  }

  @Test(arguments: [
    ("float[2,3] x, float[3,5] w", "y = MatMul (x, w)", "float", LayerPrecision.Form.plain),
    ("float16[2,3] x, float16[3,5] w", "y = MatMul (x, w)", "float16", .plain),
    ("int8[2,3] x, int8[3,5] w", "y = MatMulInteger (x, w)", "int8", .integerOperator),
    (
      "float[2,3] x, int8[3,5] w, float[] s", "v = DequantizeLinear (w, s)  y = MatMul (x, v)", "int8",
      .dequantizedWeights
    ),
    (
      "int8[2,3] x, int8[5,3] w, float[] s",
      "u = DequantizeLinear (x, s)  v = DequantizeLinear (w, s)  t = Transpose (v)  y = MatMul (u, t)",
      "int8",
      .quantizeDequantize
    ),
    (
      "float[2,3] x",
      "w = Constant <value = float16[3,1] {1, 2, 3}> ()  v = Cast <to = 1> (w)  y = MatMul (x, v)",
      "float16", .castWeights
    ),
    (
      "float[2,40] x, uint8[5,2,16] w, float[5,2] t",
      "y = com.microsoft.MatMulNBits <K = 40, N = 5, bits = 8, block_size = 32> (x, w, t)", "int8",
      .packedBits
    ),
    (
      "uint8[1,4,8,8] x, float[] s, uint8[] z, uint8[4,4,1,1] w",
      "y = QLinearConv (x, s, z, w, s, z, s, z)", "uint8", .integerOperator
    ),
  ])
  func oneLayer(inputs: String, code: String, weights: String, form: LayerPrecision.Form) throws {
    let state = try state(inputs, code)
    #expect(state.nodes == 1)
    #expect(state.shares.map(\.precision.weights) == [weights])
    #expect(state.shares.map(\.precision.form) == [form])
    #expect(state.quantizedNodes == (weights.hasPrefix("float") ? 0 : 1))
  }

  @Test(arguments: [
    ("float[2,3] x, float[2,3] w", "y = Add (x, w)"),
    ("float[2,3] x, float[3,5] w", "y = com.acme.MatMul (x, w)"),
    ("int8[2,3] x, float[] s", "y = DequantizeLinear (x, s)"),
  ])
  func whatIsNoLayerDoesNotCount(inputs: String, code: String) throws {
    let state = try state(inputs, code)
    #expect(state.nodes == 0 && state.shares.isEmpty && state.macs == 0)
  }

  /// A cast of what is computed is arithmetic, and no way to store weights; an operand that is left out has no type.
  @Test func onlyStoredWeightsAreCast() throws {
    let state = try state("float[2,3] x, float16[3,5] w", "v = Cast <to = 1> (w)  y = MatMul (x, v)")
    #expect(state.shares.map(\.precision.form) == [.plain] && state.shares[0].precision.weights == "float")
    let missing = try self.state("float[2,3] x", "y = MatMul (x)")
    #expect(missing.shares.map(\.precision.weights) == ["unknown"] && missing.quantizedNodes == 0)
  }

  @Test func sharesAreSortedByWork() throws {
    let state = try state(
      "float[2,3] x, float[3,5] a, int8[5,100] b, float[] s",
      "h = MatMul (x, a)  v = DequantizeLinear (b, s)  y = MatMul (h, v)")
    #expect(state.shares.map(\.macs) == [1_000, 30] && state.macs == 1_030)
    #expect(state.quantizedNodes == 1 && state.nodes == 2)
  }
}
