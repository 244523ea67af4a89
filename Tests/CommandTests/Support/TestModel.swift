import Testing

/// A model in ONNX's textual syntax, opset 17, small enough to be searched in a moment.
struct TestModel: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String

  init(_ name: String, text: String) {
    self.name = name
    self.text = text
  }

  init(_ name: String, _ graph: String, imports: String = "") {
    self.init(name, text: "<ir_version: 8, opset_import: [\"\" : 17\(imports)]>\n\(graph)\n")
  }

  var testDescription: String { name }

  /// Two residual branches and a linear head: the first branch adds a hundredth, and can go; the second decides.
  static let residual = TestModel(
    "residual",
    """
    residual (float[N,4] x) => (float[N,3] scores)
    <float[4,4] small = {0.01,0,0,0, 0,0.01,0,0, 0,0,0.01,0, 0,0,0,0.01},
     float[4,4] mix = {0,3,0,0, -3,0,0,0, 0,0,0,3, 0,0,-3,0},
     float[4,3] head = {1,0,0, 0,1,0, 0,0,1, 0.5,-0.5,0.5}>
    {
      a = MatMul (x, small)
      r = Relu (a)
      s = Add (x, r)
      b = MatMul (s, mix)
      t = Tanh (b)
      u = Add (s, t)
      scores = MatMul (u, head)
    }
    """)

  static let customOperator = TestModel(
    "custom operator",
    "g (float[N,4] x) => (float[N,4] y) { a = com.acme.Frob <k = 3> (x) b = Identity (a) y = Neg (b) }",
    imports: ", \"com.acme\" : 1")

  static let cyclic = TestModel(
    "cyclic", "g (float[N,4] x) => (float[N,4] y) { a = Add (x, b) b = Relu (a) y = Neg (b) }")

  /// Every output is the square root of something negative, or of zero.
  static let notANumber = TestModel(
    "NaN",
    "g (float[N,4] x) => (float[N,4] y) <float one = {1}> { a = Abs (x) b = Add (a, one) c = Neg (b) y = Sqrt (c) }"
  )

  static let constant = TestModel(
    "constant",
    "g (float[N,4] x) => (float[N,4] y) <float[4] zero = {0,0,0,0}, float[4] w = {1,2,3,4}> { a = Mul (x, zero) y = Add (a, w) }"
  )

  /// 16 KiB of weights.
  static let large = TestModel(
    "large",
    """
    g (float[N,64] x) => (float[N,64] y)
    <float[64,64] w = {\((0..<4096).map { "\(Double($0 % 7) - 3)" }.joined(separator: ", "))}>
    { a = MatMul (x, w) y = Relu (a) }
    """)

  static func externalData(at location: String) -> TestModel {
    TestModel(
      "external data",
      """
      g (float[N,4] x) => (float[N,4] y)
      <float[4] w = ["location": "\(location)", "offset": "0", "length": "16"]> { y = Mul (x, w) }
      """)
  }

  /// What is unusual about a graph, and no reason to stop.
  static let unusual = [
    TestModel(
      "control flow",
      """
      g (float[N,4] x) => (float[N,4] y) {
        mean = ReduceMean <keepdims = 0> (x)
        zero = Constant <value = float {0}> ()
        high = Greater (mean, zero)
        r = Relu (x)
        h = If (high) <then_branch = t () => (float[N,4] a) { a = Tanh (r) }, else_branch = e () => (float[N,4] b) { b = Neg (x) }>
        y = Add (h, x)
      }
      """),
    TestModel(
      "function",
      """
      g (float[N,4] x) => (float[N,4] y) { a = local.twice (x) b = Tanh (a) c = Add (x, b) y = Softmax (c) }
      <domain: "local", opset_import: ["" : 17]>
      twice (v) => (w) { d = Relu (v) w = Add (d, v) }
      """, imports: ", \"local\" : 1"),
    TestModel(
      "two inputs",
      "g (float[N,4] x, float[N,4] z) => (float[N,4] y) { a = Relu (x) b = Tanh (z) c = Add (a, b) y = Softmax (c) }"
    ),
    TestModel(
      "fixed batch",
      "g (float[1,4] x) => (float[1,4] y) { a = Relu (x) b = Tanh (x) c = Add (a, b) y = Softmax (c) }"),
    TestModel(
      "no data axis",
      "g (float[4] x) => (float[4] y) { a = Relu (x) b = Tanh (x) c = Add (a, b) y = Neg (c) }"),
    TestModel("scalar", "g (float x) => (float y) { a = Relu (x) b = Tanh (x) c = Add (a, b) y = Neg (c) }"),
    TestModel(
      "one score",
      "g (float[N,4] x) => (float[N,1] y) <float[4,1] w = {1,2,3,4}> { a = Relu (x) b = Add (a, x) y = MatMul (b, w) }"
    ),
  ]
}
