import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import Passes
import TensorCore
import Testing

/// A part of what `make operator-cases` does for all operators: one graph for each family of them is inferred, run
/// through the exact pipeline and executed, for two sizes of each symbol. Inferred types have to be those of the values,
/// and the optimized graph has to give what the original gives.
@Suite struct OperatorCaseTests {
  @Test(arguments: [
    "(float[N,3] x) => (y) { a = Relu (x)  b = Cast <to = 10> (a)  c = Cast <to = 1> (b)  y = Clip (c) }",
    "(float[N,3,H,8] x, float[4,3,3,3] w) => (y) { y = Conv <pads = [1,1,1,1], strides = [2,2]> (x, w) }",
    "(float[N,3,H] x, float[3,2,3] w) => (y) { y = ConvTranspose <strides = [2], output_padding = [1]> (x, w) }",
    "(float[N,3,16,H] x) => (y, i) { y, i = MaxPool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]> (x) }",
    "(float[N,S,4] x, float[4,6] w) => (y) { a = MatMul (x, w)  y = Einsum <equation = \"nsd,ntd->nst\"> (a, a) }",
    "(float[N,4] x, float[5,4] w, float[5] b) => (y) { y = Gemm <transB = 1> (x, w, b) }",
    """
    (float[N,S,8] x) => (y) <int64[1] last = {-1}, int64[1] four = {4}> {
      s = Shape <end = 2> (x)  t = Concat <axis = 0> (s, four, last)  a = Reshape (x, t)
      b = Transpose <perm = [0,2,1,3]> (a)  z = Shape (b)  y = Expand (b, z)
    }
    """,
    """
    (float[N,3,H,W] x) => (y) <int64[1] last = {-1}, int64[2] pairs = {-1, 2}, int64[1] first = {0},
      int64[1] least = {-9223372036854775807}, int64 wide = {3}, int64[3] zeros = {0, 0, 0}, int64 eight = {8},
      int64[1] at = {0}, int64 three = {3}> {
      s = Shape (x)  w = Gather (s, wide)  r = Mod (w, eight)  d = Sub (eight, r)  d1 = Unsqueeze (d, at)
      p = Concat <axis = 0> (d1, zeros, zeros, first)  q = Reshape (p, pairs)  f = Slice (q, last, least, first, last)
      t = Transpose <perm = [1,0]> (f)  v = Reshape (t, last)  c = Cast <to = 7> (v)  y = Pad (x, c)
    }
    """,
    "(float[N,10] x) => (y, z) <int64[2] parts = {4, 6}> { y, z = Split <axis = 1> (x, parts) }",
    "(float[N,10] x) => (v, i) <int64[1] k = {3}> { v, i = TopK (x, k) }",
    "(float[N,10] x) => (y) <int64[2] i = {1, -1}> { y = Gather <axis = 1> (x, i) }",
    "(float[N,3,4,5] x) => (y) <float[4] scales = {1, 1, 2, 0.5}> { y = Resize <mode = \"linear\"> (x, , scales) }",
    "(float[N,3] x) => (y, p) { y = ReduceSum <keepdims = 0> (x)  p = ArgMax <axis = 1> (x) }",
    "(float[N,S,8] x, float[8] w) => (y) { y = LayerNormalization (x, w) }",
    "(float[S,N,4] x, float[1,9,4] w, float[1,9,3] r) => (y, h) { y, h = GRU <hidden_size = 3> (x, w, r) }",
    "(float[N,3] x) => (y) <float s = {0.1}, uint8 z = {128}> { q = QuantizeLinear (x, s, z)  y = DequantizeLinear (q, s, z) }",
    "(float[N,3] x) => (y) <int64 at = {1}> { s = SplitToSequence <axis = 1> (x)  e = SequenceAt (s, at)  y = Relu (e) }",
    """
    (float[N,3] x) => (y) <bool c = {1}> {
      y = If (c) <then_branch = t () => (a) { a = Relu (x) }, else_branch = e () => (b) { b = Neg (x) }>
    }
    """,
    """
    (float[N,3] x) => (y, z) <int64 n = {4}, bool c = {1}> {
      y, z = Loop (n, c, x) <body = b (int64 i, bool d, float[N,3] v) => (e, u, w) {
        e = Identity (d)  u = Add (v, v)  w = Relu (v) }>
    }
    """,
    "(float[N,8,1] x) => (y) { y = DFT <onesided = 1, axis = 1> (x) }",
    "(float[N,4] x) => (l, p) { l, p = ai.onnx.ml.LinearClassifier <coefficients = [1.0,2.0,3.0,4.0,4.0,3.0,2.0,1.0], "
      + "intercepts = [0.5,0.25], classlabels_ints = [0,1]> (x) }",
    "(float[N,S,8] x, float[8] w, float[8] b) => (y) { y = com.microsoft.SkipLayerNormalization (x, x, w, b) }",
    "(float[N,S,4] x, float[6,4] w) => (y) { y = com.microsoft.FusedMatMul <transB = 1, alpha = 0.5> (x, w) }",
    "(float[N,3,8,8] x, float[4,3,3,3] w) => (y) { y = com.microsoft.FusedConv <activation = \"Relu\"> (x, w) }",
  ])
  func isKept(_ graph: String) throws {
    let named = try Self.filled(graph)
    let runtime = try OnnxRuntime.load()
    var model = try Model(named)
    ShapeInference.run(on: &model)
    var optimized = try Model(named)
    let context = PassContext(evaluator: RuntimeConstantEvaluator(runtime))
    _ = try PassManager(registry: .builtIn).run(.exact, on: &optimized, in: context)
    let before = try runtime.makeSession(.bytes(try ONNXFormat.encode(named), name: "before"), .faithful)
    let after = try runtime.makeSession(
      .bytes(try ONNXFormat.encode(optimized.named()), name: "after"), .faithful)
    for size in [2, 5] {
      let (inputs, symbols) = try Self.inputs(of: named.graph, size: size)
      let results = try before.run(inputs)
      try expect(model, gives: results, symbols)
      for (result, expected) in zip(try after.run(inputs), results) {
        let values = try #require(result.tensor).doubles()
        let wanted = try #require(expected.tensor).doubles()
        #expect(values.count == wanted.count)
        #expect(zip(values, wanted).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
      }
    }
  }

  private func expect(_ model: Model, gives results: [OutputValue], _ symbols: [String: Int]) throws {
    for (output, result) in zip(model.outputs(of: model.mainGraph), results) {
      let type = try #require(model.type(of: output), "\(model.label(of: output))")
      let tensor = try #require(result.tensor)
      #expect(type.elementType == tensor.elementType)
      let sizes = type.shape?.dimensions.map { $0.expression?.evaluated(with: symbols) }
      #expect(sizes == tensor.dimensions.map(Optional.init), "\(type)")
    }
  }

  // MARK: Making models

  /// The model, with weights in place of inputs of fixed sizes.
  private static func filled(_ graph: String) throws -> NamedModel {
    let header = "<ir_version: 10, opset_import: [\"\" : 19, \"ai.onnx.ml\" : 3, \"com.microsoft\" : 1]>\ng "
    var named = try NamedModel(parsing: header + graph)
    for input in named.graph.inputs {
      guard let sizes = input.type?.type.shape?.fixedSizes else { continue }
      named.graph.initializers.append(NamedTensor(try values(sizes, for: input.name), name: input.name))
    }
    named.graph.inputs.removeAll { $0.type?.type.shape?.fixedSizes != nil }
    return named
  }

  private static func inputs(of graph: NamedGraph, size: Int) throws -> ([String: Tensor], [String: Int]) {
    var symbols: [String: Int] = [:]
    var tensors: [String: Tensor] = [:]
    for input in graph.inputs {
      let shape = try #require(input.type?.type.shape)
      let sizes = shape.dimensions.map { dimension -> Int in
        guard let name = dimension.expression?.symbol else { return dimension.fixedSize ?? 1 }
        symbols[name] = symbols[name] ?? size + 4 * symbols.count
        return symbols[name] ?? 1
      }
      tensors[input.name] = try values(sizes, for: input.name)
    }
    return (tensors, symbols)
  }

  private static func values(_ sizes: [Int], for name: String) throws -> Tensor {
    var random = RandomSource.derived(from: 1, for: name)
    let values = (0..<(try Tensor.elementCount(of: sizes))).map { _ in Float(random.uniform() * 2 - 1) }
    return try Tensor(float32: values, sizes)
  }
}
