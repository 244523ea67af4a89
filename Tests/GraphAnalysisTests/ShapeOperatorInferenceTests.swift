import Testing

@Suite struct ShapeOperatorInferenceTests {
  @Test(arguments: [
    InferenceCase("Reshape", ["float[N,64,8]", "= 0 -1"], gives: "float[N,512]"),
    InferenceCase("Reshape", ["float[N,64,8]", "= -1 8"], gives: "float[64*N,8]"),
    InferenceCase("Reshape", ["float[N,6]", "= -1 4"], gives: "float[(6*N)//4,4]"),
    InferenceCase("Reshape", ["float[N,S,64]", ": N S 4 -1"], gives: "float[N,S,4,16]"),
    InferenceCase("Reshape", ["float[N,C,H,W]", ": N C -1"], gives: "float[N,C,H*W]"),
    InferenceCase("Reshape", ["float[?,64]", "= 0 -1"], gives: "float[?,64]"),
    InferenceCase("Reshape", ["float[?,64]", "= -1 32"], gives: "float[?,32]"),
    InferenceCase("Reshape", ["float[N,64]", "= -1 -1"], gives: "float[?,?]"),
    InferenceCase(
      "Reshape", ["float[N,64]", "= -5 9223372036854775807"], gives: "float[?,9223372036854775807]"),
    InferenceCase("Reshape", ["float[N,64]", "int64[3]"], gives: "float[?,?,?]"),
    InferenceCase("Reshape", ["float[N,64]", "int64[1000000]"], gives: "float[]"),
    InferenceCase("Flatten", ["float[N,64,8,8]"], gives: "float[N,4096]"),
    InferenceCase("Flatten", ["float[N,64,8,8]"], ["axis": .int(-9)], gives: "float[?,?]"),
    InferenceCase("Squeeze", ["float[N,1,8,1]", "= 1 -1"], gives: "float[N,8]"),
    InferenceCase("Squeeze", ["float[4,1,8,1]"], gives: "float[4,8]"),
    InferenceCase("Squeeze", ["float[N,1,8,1]"], gives: "float[]"),
    InferenceCase("Squeeze", ["float[N,1,8,1]", "= 7"], gives: "float[]"),
    InferenceCase("Unsqueeze", ["float[N,8]", "= 0 -1"], gives: "float[1,N,8,1]"),
    InferenceCase("Unsqueeze", ["float[N,8]"], ["axes": .ints([1])], opset: 11, gives: "float[N,1,8]"),
    InferenceCase("Transpose", ["float[N,3,H,W]"], ["perm": .ints([0, 2, 3, 1])], gives: "float[N,H,W,3]"),
    InferenceCase("Transpose", ["float[N,3]"], ["perm": .ints([0, 0])], gives: "float[]"),
    InferenceCase("DepthToSpace", ["float[N,12,H,W]"], ["blocksize": .int(2)], gives: "float[N,3,2*H,2*W]"),
    InferenceCase("SpaceToDepth", ["float[N,3,4,H]"], ["blocksize": .int(2)], gives: "float[N,12,2,?]"),
  ])
  func reshaping(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }

  @Test(arguments: [
    InferenceCase("Slice", ["float[N,10]", "= 1", "= 9223372036854775807", "= 1"], gives: "float[N,9]"),
    InferenceCase(
      "Slice", ["float[10]", "= -1", "= -9223372036854775808", "= 0", "= -3"], gives: "float[4]"),
    InferenceCase("Slice", ["float[10]", "= 0", "= 5", "= 0", "= 0"], gives: "float[?]"),
    InferenceCase("Slice", ["float[10]", "= 0", "= 5", "= 3"], gives: "float[?]"),
    InferenceCase("Slice", ["float[N]", "= 0", "= 9223372036854775807"], gives: "float[N]"),
    InferenceCase("Slice", ["float[N]", "= 0", "= -1"], gives: "float[max(0,N-1)]"),
    InferenceCase("Slice", ["float[512]", "= 0", ": S"], gives: "float[min(512,S)]"),
    InferenceCase("Slice", ["float[S]", "= 0", ": S"], gives: "float[S]"),
    InferenceCase(
      "Slice", ["float[4,5]"], ["ends": .ints([3]), "starts": .ints([1])], opset: 9, gives: "float[2,5]"),
    InferenceCase("Concat", ["float[N,3]", "float[?,4]"], ["axis": .int(-1)], gives: "float[N,7]"),
    InferenceCase("Concat", ["float[N]", "float[N]"], ["axis": .int(0)], gives: "float[2*N]"),
    InferenceCase("Concat", ["float[N,3]", "?"], ["axis": .int(1)], gives: "float[N,?]"),
    InferenceCase("Split", ["float[N,10]", "= 4 6"], ["axis": .int(1)], gives: "float[N,4]", "float[N,6]"),
    InferenceCase("Split", ["float[5]"], ["num_outputs": .int(2)], gives: "float[3]", "float[2]"),
    InferenceCase("Split", ["float[N,6]"], ["axis": .int(1)], opset: 11, gives: "float[N,3]", "float[N,3]"),
    InferenceCase("Pad", ["float[N,8]", "= 0 1 0 2"], gives: "float[N,11]"),
    InferenceCase("Pad", ["float[N,8]", "= 1 2", "-", "= -1"], gives: "float[N,11]"),
    InferenceCase("Expand", ["float[1,4]", ": N 1"], gives: "float[N,4]"),
    InferenceCase("Tile", ["float[N,4]", "= 2 3"], gives: "float[2*N,12]"),
  ])
  func axes(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }

  @Test(arguments: [
    InferenceCase("Gather", ["float[1000,64]", "int64[N,S]"], gives: "float[N,S,64]"),
    InferenceCase("Gather", ["float[N,3,4]", "== 1"], ["axis": .int(-1)], gives: "float[N,3]"),
    InferenceCase("GatherND", ["float[N,3,4]", "int64[5,2]"], gives: "float[5,4]"),
    InferenceCase("GatherElements", ["float[N,3]", "int64[N,1]"], gives: "float[N,1]"),
    InferenceCase("OneHot", ["int64[N]", "= 10", "float[2]"], gives: "float[N,10]"),
    InferenceCase("NonZero", ["float[N,3]"], gives: "int64[2,?]"),
    InferenceCase("TopK", ["float[N,100]", "= 5"], gives: "float[N,5]", "int64[N,5]"),
    InferenceCase("ArgMax", ["float[N,10]"], ["axis": .int(1), "keepdims": .int(0)], gives: "int64[N]"),
    InferenceCase("ReduceMean", ["float[N,3,4]", "= -1"], gives: "float[N,3,1]"),
    InferenceCase(
      "ReduceMean", ["float[N,3]"], ["axes": .ints([1]), "keepdims": .int(0)], opset: 13, gives: "float[N]"),
    InferenceCase("ReduceSum", ["float[N,3]"], ["keepdims": .int(0)], gives: "float"),
    InferenceCase("ReduceSum", ["float[N,3]"], ["noop_with_empty_axes": .int(1)], gives: "float[N,3]"),
    InferenceCase("ReduceSum", ["float[N,3,1]", "int64[K]"], gives: "float[?,?,1]"),
    InferenceCase("Resize", ["float[N,3,H,8]", "-", "= 1.0 1.0 2.0 0.5"], gives: "float[N,3,2*H,4]"),
    InferenceCase("Resize", ["float[N,3,8,8]", "-", "-", ": N 3 H W"], gives: "float[N,3,H,W]"),
    InferenceCase("Shape", ["float[N,3,4]"], ["start": .int(1)], gives: "int64[2]"),
    InferenceCase("ConstantOfShape", [": N 4"], gives: "float[N,4]"),
    InferenceCase("Range", ["== 0", ": N", "== 1"], gives: "int64[N]"),
    InferenceCase("Range", ["== 0", "== 10", "== 0"], gives: "int64[?]"),
    InferenceCase("EyeLike", ["int64[N,4]"], ["dtype": .int(1)], gives: "float[N,4]"),
  ])
  func indexing(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }

  @Test(arguments: [
    InferenceCase(
      "ai.onnx.ml/TreeEnsembleClassifier", ["float[N,30]"], ["classlabels_int64s": .ints([0, 1, 2])],
      opset: 3,
      gives: "int64[N]", "float[N,3]"),
    InferenceCase(
      "ai.onnx.ml/LinearClassifier", ["float[N,30]"],
      ["classlabels_strings": .strings(["a", "b"]), "intercepts": .floats([0])], opset: 1,
      gives: "string[N]", "float[N,2]"),
    InferenceCase("ai.onnx.ml/LinearRegressor", ["float[N,30]"], opset: 1, gives: "float[N,1]"),
    InferenceCase("ai.onnx.ml/Scaler", ["int64[N,30]"], opset: 1, gives: "float[N,30]"),
    InferenceCase(
      "ai.onnx.ml/ArrayFeatureExtractor", ["float[N,30]", "int64[4]"], opset: 1, gives: "float[N,4]"),
    InferenceCase(
      "ai.onnx.ml/OneHotEncoder", ["int64[N,2]"], ["cats_int64s": .ints([1, 2, 3])], opset: 1,
      gives: "float[N,2,3]"),
    InferenceCase(
      "ai.onnx.ml/ZipMap", ["float[N,2]"], ["classlabels_int64s": .ints([0, 1])], opset: 1,
      gives: "seq(map(int64,float[]))"),
  ])
  func traditional(_ test: InferenceCase) { #expect(test.inferred == test.outputs) }
}
