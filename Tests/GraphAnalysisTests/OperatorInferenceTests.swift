import Testing

@Suite struct OperatorInferenceTests {
  @Test(arguments: [
    InferenceCase("Relu", ["float[N,3]"], gives: "float[N,3]"),
    InferenceCase("Relu", ["float[]"], gives: "float[]"),
    InferenceCase("Relu", ["?"], gives: "?"),
    InferenceCase("Add", ["float[N,3,1]", "float[4]"], gives: "float[N,3,4]"),
    InferenceCase("Add", ["float[N]", "float[M]"], gives: "float[?]"),
    InferenceCase("Add", ["float[2]", "float[3]"], gives: "float[]"),
    InferenceCase(
      "Add", ["float[N,C,4]", "float[C]"], ["broadcast": .int(1)], opset: 6, gives: "float[N,C,4]"),
    InferenceCase("Less", ["float[N,1]", "float[1,M]"], gives: "bool[N,M]"),
    InferenceCase("Max", ["float[1]", "float[N,2]", "float"], gives: "float[N,2]"),
    InferenceCase("Where", ["bool[N,1]", "float[1,4]", "float"], gives: "float[N,4]"),
    InferenceCase("Cast", ["float[N]"], ["to": .int(7)], gives: "int64[N]"),
    InferenceCase("Cast", ["float[N]"], ["to": .int(99)], gives: "?"),
    InferenceCase("CastLike", ["float[N]", "float16[3]"], gives: "float16[N]"),
    InferenceCase("Dropout", ["float[N,3]"], gives: "float[N,3]", "bool[N,3]"),
    InferenceCase("PRelu", ["float[N,3,4]", "float[3,1]"], gives: "float[N,3,4]"),
    InferenceCase("NoSuchOperator", ["float[N]"], gives: "?"),
    InferenceCase("elsewhere/Relu", ["float[N]"], gives: "?"),
  ])
  func elementwise(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }

  @Test(arguments: [
    InferenceCase(
      "Conv", ["float[N,3,32,32]", "float[8,3,3,3]"],
      ["pads": .ints([1, 1, 1, 1]), "strides": .ints([2, 2])],
      gives: "float[N,8,16,16]"),
    InferenceCase("Conv", ["float[N,3,H,W]", "float[8,3,1,1]"], gives: "float[N,8,H,W]"),
    InferenceCase(
      "Conv", ["float[N,3,H,8]", "float[8,3,3,3]"],
      ["pads": .ints([1, 1, 1, 1]), "strides": .ints([2, 2])],
      gives: "float[N,8,(H+1)//2,4]"),
    InferenceCase("Conv", ["float[]", "float[8,3,3,3]"], gives: "float[?,8,?,?]"),
    InferenceCase(
      "Conv", ["float[1,3,5]", "float[8,3,3]"], ["dilations": .ints([2])], gives: "float[1,8,1]"),
    InferenceCase("Conv", ["float[1,3,5]", "float[8,3,3]"], ["strides": .ints([0])], gives: "float[1,8,?]"),
    InferenceCase("Conv", ["float[1,3,5]", "float[8,3,9]"], gives: "float[1,8,?]"),
    InferenceCase(
      "Conv", ["float[1,3,7,7]", "float[8,3,3,3]"],
      ["auto_pad": .string("SAME_UPPER"), "strides": .ints([2, 2])], gives: "float[1,8,4,4]"),
    InferenceCase(
      "Conv", ["float[1,3,5]", "float[8,3,3]"], ["pads": .ints([.min, .max])], gives: "float[1,8,?]"),
    InferenceCase(
      "ConvTranspose", ["float[N,4,5]", "float[4,2,3]"],
      ["group": .int(2), "output_padding": .ints([1]), "strides": .ints([2])], gives: "float[N,4,12]"),
    InferenceCase(
      "MaxPool", ["float[N,3,4,4]"], ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])],
      gives: "float[N,3,1,1]", "int64[N,3,1,1]"),
    InferenceCase(
      "MaxPool", ["float[N,3,4,H]"],
      ["ceil_mode": .int(1), "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])],
      gives: "float[N,3,2,H//2]"),
    InferenceCase(
      "MaxPool", ["float[1,1,7]"],
      ["auto_pad": .string("SAME_UPPER"), "dilations": .ints([2]), "kernel_shape": .ints([3])],
      gives: "float[1,1,?]"),
    InferenceCase("GlobalAveragePool", ["float[N,64,H,W]"], gives: "float[N,64,1,1]"),
    InferenceCase(
      "QLinearConv",
      ["uint8[1,1,7,7]", "float", "uint8", "uint8[1,1,1,1]", "float[1]", "uint8[1]", "float", "int8"],
      gives: "int8[1,1,7,7]"),
  ])
  func windows(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }

  @Test(arguments: [
    InferenceCase("MatMul", ["float[B,1,S,64]", "float[12,64,T]"], gives: "float[B,12,S,T]"),
    InferenceCase("MatMul", ["float[64]", "float[B,64,T]"], gives: "float[B,T]"),
    InferenceCase("MatMul", ["float[64]", "float[64]"], gives: "float"),
    InferenceCase("MatMul", ["float[2,3]", "float[4,5]"], gives: "float[]"),
    InferenceCase(
      "Gemm", ["float[K,N]", "float[5,K]"], ["transA": .int(1), "transB": .int(1)], gives: "float[N,5]"),
    InferenceCase(
      "Einsum", ["float[B,S,D]", "float[B,T,D]"], ["equation": .string("bsd,btd->bst")], gives: "float[B,S,T]"
    ),
    InferenceCase(
      "Einsum", ["float[B,H,2,3]"], ["equation": .string("...ij -> ...ji")], gives: "float[B,H,3,2]"),
    InferenceCase("Einsum", ["float[B,H]"], ["equation": .string("a->->")], gives: "float[]"),
    InferenceCase(
      "Attention", ["float[B,S,64]", "float[B,T,32]", "float[B,T,32]"],
      ["kv_num_heads": .int(4), "q_num_heads": .int(8)],
      gives: "float[B,S,64]", "float[B,4,T,8]", "float[B,4,T,8]", "float[B,8,S,T]"),
    InferenceCase(
      "LSTM", ["float[S,B,10]", "float[2,80,10]", "float[2,80,20]"],
      ["direction": .string("bidirectional"), "hidden_size": .int(20)],
      gives: "float[S,2,B,20]", "float[2,B,20]", "float[2,B,20]"),
    InferenceCase(
      "LayerNormalization", ["float16[B,S,64]", "float16[64]"],
      gives: "float16[B,S,64]", "float[B,S,1]", "float[B,S,1]"),
    InferenceCase("DequantizeLinear", ["int8[N,3]", "float", "int8"], gives: "float[N,3]"),
    InferenceCase("QuantizeLinear", ["float[N,3]", "float"], gives: "uint8[N,3]"),
  ])
  func products(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }
}
